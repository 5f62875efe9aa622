import { verdictWord } from '../library/libraryRow';
import { describeQuantReason, type QuantAdvice, type QuantRow } from '../plan/quantAdvice';
import type { HubRepository } from '../protocol/hub';
import { formatBytes, formatRate } from '../status/format';
import type { Translate } from '../translate';
import type { Job } from './curated';
import type { QuantGroup } from './quantGroups';
import type { GroupLevel } from './quantPlans';
import type { Suggestion } from './suggestions';

/** What rows tell of a plan. */
export type PlanFigures = Pick<QuantRow, 'verdict' | 'gpuLayers' | 'totalLayers' | 'decode'>;

/** A row of a Quick Pick. */
export interface GetRow {
  label: string;
  description: string;
  detail?: string;
}

/** A model of a repository, with its real size and, once it is known, its plan. */
export function quantRow(
  group: QuantGroup,
  problem: string | undefined,
  advice: QuantAdvice<GroupLevel> | undefined,
  t: Translate,
): GetRow {
  const { level, files, bytes, missing } = group;
  const size = formatBytes(bytes);
  const sizes = files.length > 1 ? t('{0} in {1} files', size, files.length) : size;
  if (missing > 0)
    return { label: level, description: sizes, detail: t('Parts of it are missing on the hub.') };
  if (problem !== undefined) {
    return { label: level, description: sizes, detail: t('It cannot be loaded: {0}.', problem) };
  }
  const row = advice?.rows.find((each) => each.level.group === group);
  const description = row === undefined ? sizes : [sizes, planWords(row, t)].join(' · ');
  const recommended = advice?.recommended;
  if (recommended?.level.group !== group) return { label: level, description };
  return { label: `${level} $(star-full)`, description, detail: describeQuantReason(recommended, t) };
}

/** "fits · 20 of 81 layers on the GPU · 1.4 tok/s estimated" */
export function planWords(row: PlanFigures, t: Translate): string {
  const verdict = verdictWord(row.verdict, t);
  if (row.verdict === 'doesNotFit') return verdict;
  const place =
    row.gpuLayers > 0
      ? t('{0} of {1} layers on the GPU', row.gpuLayers, row.totalLayers)
      : t('all on the CPU');
  return [verdict, place, t('{0} estimated', formatRate(row.decode))].join(' · ');
}

export function suggestionRow({ model, row }: Suggestion, t: Translate): GetRow {
  const job = jobWord(model.job, t);
  if (row === undefined)
    return { label: model.name, description: job, detail: t('No level of it fits this machine.') };
  return {
    label: model.name,
    description: job,
    detail: t('about {0} as {1} · {2}', formatBytes(row.bytes), row.name, planWords(row, t)),
  };
}

export function repositoryRow({ name, downloads, likes, gated }: HubRepository, t: Translate): GetRow {
  return {
    label: name,
    description: [
      t('{0} downloads', shortCount(downloads)),
      t('{0} likes', shortCount(likes)),
      ...(gated ? [t('licence to accept')] : []),
    ].join(' · '),
  };
}

function jobWord(job: Job, t: Translate): string {
  switch (job) {
    case 'code':
      return t('code');
    case 'chat':
      return t('chat');
    case 'completion':
      return t('completions');
    case 'draft':
      return t('draft for larger ones');
  }
}

/** "950", "12k", "3.4M". */
function shortCount(count: number): string {
  if (count < 1000) return String(count);
  return count < 1e6 ? `${Math.round(count / 1000)}k` : `${(count / 1e6).toFixed(1)}M`;
}
