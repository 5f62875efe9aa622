import type { LoadedModel } from '../protocol/engine';
import type { Plan, Verdict } from '../plan/plan';
import { describeReason } from '../plan/words';
import { escapeMarkdown, formatBytes, formatCount, formatRate } from '../status/format';
import type { Translate } from '../translate';
import type { LibraryEntry } from './entry';
import type { PlaceName } from './places';

/** What a person uses a model for. */
export interface ModelUses {
  loaded: Pick<LoadedModel, 'path'> | undefined;
  /** Paths of the settings; undefined or empty where there is none. */
  chat: string | undefined;
  completions: string;
  draft: string;
}

/** A row of the list: words and an icon by VS Code's names. */
export interface LibraryRow {
  label: string;
  description: string;
  icon: { id: string; color?: string };
  /** Markdown. */
  tooltip: string;
}

/** @param plan of the entry under the present settings; undefined while its header is being read */
export function libraryRow(
  entry: LibraryEntry,
  plan: Plan | undefined,
  uses: ModelUses,
  t: Translate,
): LibraryRow {
  const facts = [...usesOf(entry, uses, t), ...stateOf(entry, plan, t), ...shortFacts(entry)];
  return {
    label: entry.name,
    description: facts.join(' · '),
    icon: iconOf(entry, plan),
    tooltip: tooltip(entry, plan, uses, t),
  };
}

export function placeWord(place: PlaceName, t: Translate): string {
  switch (place) {
    case 'layercake':
      return 'Layercake';
    case 'folder':
      return t('Your model folders');
    case 'inUse':
      return t('Folder of the model in use');
    case 'lmStudio':
      return 'LM Studio';
    case 'huggingFace':
      return t('Hugging Face’s cache');
    case 'llamaCpp':
      return t('llama.cpp’s cache');
    case 'jan':
      return 'Jan';
    case 'textGenerationWebUi':
      return 'text-generation-webui';
    case 'ollama':
      return 'Ollama';
  }
}

export function isCopyOf({ copies }: LibraryEntry, path: string | undefined): boolean {
  return path !== undefined && copies.some((copy) => copy.path === path);
}

/** "8.0B", "135M". */
export function formatParameters(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)}B` : `${Math.max(1, Math.round(count / 1e6))}M`;
}

function usesOf(
  entry: LibraryEntry,
  { loaded, chat, completions, draft }: ModelUses,
  t: Translate,
): string[] {
  return [
    ...(isCopyOf(entry, loaded?.path) ? [t('loaded')] : isCopyOf(entry, chat) ? [t('chosen')] : []),
    ...(isCopyOf(entry, completions) ? [t('completions')] : []),
    ...(isCopyOf(entry, draft) ? [t('draft')] : []),
  ];
}

function stateOf({ problem, file }: LibraryEntry, plan: Plan | undefined, t: Translate): string[] {
  if (problem !== undefined) return [t('cannot be used')];
  if (plan !== undefined) return [verdictWord(plan.verdict, t)];
  return file === undefined ? [t('being read…')] : [];
}

export function verdictWord(verdict: Verdict, t: Translate): string {
  switch (verdict) {
    case 'fits':
      return t('fits');
    case 'tight':
      return t('fits, barely');
    case 'pagesFromDisk':
      return t('reads from the disk');
    case 'doesNotFit':
      return t('does not fit');
  }
}

function shortFacts({ file, sizeBytes }: LibraryEntry): string[] {
  const size = formatBytes(sizeBytes);
  if (file === undefined) return [size];
  const { parameters, architecture, quant } = file.header;
  return [formatParameters(parameters), architecture, quant, size];
}

function iconOf({ problem }: LibraryEntry, plan: Plan | undefined): LibraryRow['icon'] {
  if (problem !== undefined) return { id: 'error', color: 'problemsErrorIcon.foreground' };
  switch (plan?.verdict) {
    case undefined:
      return { id: 'circle-outline' };
    case 'fits':
      return { id: 'pass', color: 'testing.iconPassed' };
    case 'tight':
    case 'pagesFromDisk':
      return { id: 'warning', color: 'problemsWarningIcon.foreground' };
    case 'doesNotFit':
      return { id: 'circle-slash', color: 'problemsErrorIcon.foreground' };
  }
}

function tooltip(entry: LibraryEntry, plan: Plan | undefined, uses: ModelUses, t: Translate): string {
  const { name, problem } = entry;
  const paragraphs = [
    `**${escapeMarkdown(name)}**`,
    problem === undefined ? undefined : `$(error) ${escapeMarkdown(problem)}`,
    plan && `${escapeMarkdown(describeReason(plan.reason, t))} ${t('(Estimated.)')}`,
    usedFor(entry, uses, t),
    longFacts(entry, plan, t)
      .map(([label, value]) => `${label}: ${escapeMarkdown(value)}`)
      .join('  \n'),
    places(entry, t),
  ];
  return paragraphs.filter((part) => part !== undefined && part !== '').join('\n\n');
}

function usedFor(entry: LibraryEntry, { loaded, chat, completions, draft }: ModelUses, t: Translate): string {
  return [
    ...(isCopyOf(entry, loaded?.path) ? [t('It is loaded.')] : []),
    ...(isCopyOf(entry, chat) ? [t('It is the model of the chat.')] : []),
    ...(isCopyOf(entry, completions) ? [t('It is kept for completions.')] : []),
    ...(isCopyOf(entry, draft) ? [t('It is kept as draft model.')] : []),
  ].join(' ');
}

/** Label and value; labels are our own words and need no escape. */
function longFacts(entry: LibraryEntry, plan: Plan | undefined, t: Translate): [string, string][] {
  const size = formatBytes(entry.sizeBytes);
  const sizeRow: [string, string] = [
    t('Size'),
    entry.parts.length === 1 ? size : t('{0} in {1} parts', size, entry.parts.length),
  ];
  if (entry.file === undefined) return [sizeRow];
  const { header } = entry.file;
  return [
    [t('Parameters'), formatParameters(header.parameters)],
    [t('Architecture'), header.architecture],
    [t('Quant'), header.quant],
    sizeRow,
    [t('Trained for'), t('{0} tokens of context', formatCount(header.trainContext))],
    ...(plan === undefined || plan.verdict === 'doesNotFit'
      ? []
      : ([
          [
            t('Planned'),
            t(
              '{0} of {1} layers on the GPU, {2} tokens of context',
              plan.config.gpuLayers,
              plan.totalLayers,
              formatCount(plan.config.contextSize),
            ),
          ],
          [t('Writing'), t('{0} estimated', formatRate(plan.rates.decode))],
        ] satisfies [string, string][])),
  ];
}

function places({ copies }: LibraryEntry, t: Translate): string {
  // Ollama's tags name one file.
  const files = [...new Map(copies.map((copy) => [copy.path, copy])).values()];
  return files
    .map(({ place, path }) => {
      const labels = copies.flatMap((copy) => (copy.path === path && copy.label ? [copy.label] : []));
      const called = labels.length === 0 ? '' : ` (${escapeMarkdown(labels.join(', '))})`;
      return `${placeWord(place, t)}${called}: ${escapeMarkdown(path)}`;
    })
    .join('  \n');
}
