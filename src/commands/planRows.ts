import { memoryCategories, totalBytes, type CategoryBytes, type MemoryCategory } from '../plan/memory';
import type { Verdict } from '../plan/plan';
import { describeReason } from '../plan/words';
import type { ShownPlan } from '../planner/shownPlans';
import { formatBytes, formatCount, formatRate } from '../status/format';
import type { Translate } from '../translate';
import type { PinName } from './pins';

/** One line of the plan's list. */
export interface PlanRow {
  id: PinName | 'verdict' | 'vram' | 'ram' | 'decode' | 'prefill' | 'nextLayer';
  label: string;
  description: string;
  detail?: string;
  /** Of a variable. */
  pin?: { name: PinName; pinned: boolean };
}

export interface PlanRowGroup {
  title: string;
  rows: PlanRow[];
}

/** The plan as a list shows it. What is not called measured is estimated, and says so. */
export function planRows(shown: ShownPlan, t: Translate): PlanRowGroup[] {
  const { plan } = shown;
  const verdict: PlanRow = {
    id: 'verdict',
    label: verdictWord(plan.verdict, t),
    description: '',
    detail: describeReason(plan.reason, t),
  };
  return [
    { title: t('Verdict'), rows: [verdict] },
    { title: t('Decided: select one to pin it'), rows: variables(shown, t) },
    { title: t('Memory'), rows: memory(shown, t) },
    { title: t('Speed'), rows: speed(shown, t) },
  ];
}

/** How the figures are known, in one sentence. */
export function planSource({ kind, machine }: ShownPlan, t: Translate): string {
  if (kind === 'checking') return t('Bytes by formulas; llama.cpp is being asked.');
  if (kind === 'estimate') return t('Bytes by formulas: llama.cpp could not be asked now.');
  return machine.rates.source === 'measured'
    ? t('Bytes by llama.cpp’s own arithmetic, speed by what was measured on this machine.')
    : t('Bytes by llama.cpp’s own arithmetic, speed by data sheets until this machine is measured.');
}

function verdictWord(verdict: Verdict, t: Translate): string {
  switch (verdict) {
    case 'fits':
      return t('Fits.');
    case 'tight':
      return t('Fits, barely.');
    case 'pagesFromDisk':
      return t('Reads from the disk.');
    case 'doesNotFit':
      return t('Does not fit.');
  }
}

function variables({ plan, machine, form }: ShownPlan, t: Translate): PlanRow[] {
  const { config, totalLayers } = plan;
  const row = (name: PinName, label: string, value: string): PlanRow => {
    const pinned = form[name] !== null;
    return { id: name, label, description: pinned ? t('{0}, pinned', value) : value, pin: { name, pinned } };
  };
  const tokens = formatCount(config.contextSize);
  return [
    row('vramBudget', t('VRAM budget'), machine.gpu ? formatBytes(plan.vramBudgetBytes) : t('no GPU in use')),
    row('gpuLayers', t('GPU layers'), t('{0} of {1}', config.gpuLayers, totalLayers)),
    row(
      'contextSize',
      t('Context'),
      config.sequences > 1 ? t('{0} × {1} tokens', config.sequences, tokens) : t('{0} tokens', tokens),
    ),
    row('kvCacheType', t('KV cache'), config.kvCacheType),
    row('batchSize', t('Batch'), t('{0} tokens', formatCount(config.batchSize))),
  ];
}

function memory(shown: ShownPlan, t: Translate): PlanRow[] {
  const { plan, machine } = shown;
  const row = (id: 'vram' | 'ram', label: string, measured: string | undefined): PlanRow => ({
    ...{ id, label },
    description: beside(formatBytes(totalBytes(plan.use[id])), measured, t),
    detail: categories(plan.use[id], t),
  });
  const ram = row('ram', t('RAM'), measuredRam(shown, t));
  if (!machine.gpu) return [ram];
  const next = nextLayer(plan.nextLayerBytes, plan.nextLayerOverBytes ?? 0, t);
  return [row('vram', t('VRAM'), measuredVram(shown, t)), ram, ...(next === undefined ? [] : [next])];
}

function measuredRam({ took }: ShownPlan, t: Translate): string | undefined {
  if (took === undefined || took.model.buffers.length === 0) return undefined;
  const bytes = took.model.buffers.reduce((sum, { onGpu, bytes }) => sum + (onGpu ? 0 : bytes), 0);
  return t('{0} measured', formatBytes(bytes));
}

function measuredVram({ took, plan }: ShownPlan, t: Translate): string | undefined {
  if (took === undefined) return undefined;
  const { bufferBytes, residualBytes } = took.check;
  const bytes = formatBytes(bufferBytes + (residualBytes ?? 0));
  return residualBytes === undefined && plan.use.vram.residual > 0
    ? t('{0} measured without the driver', bytes)
    : t('{0} measured', bytes);
}

function nextLayer(bytes: number | undefined, overBytes: number, t: Translate): PlanRow | undefined {
  if (bytes === undefined) return undefined;
  const size = formatBytes(bytes);
  return {
    id: 'nextLayer',
    label: t('Next layer'),
    description:
      overBytes > 0
        ? t('{0} of VRAM estimated, {1} more than the budget allows', size, formatBytes(overBytes))
        : t('{0} of VRAM estimated, within the budget', size),
  };
}

function speed({ plan, measured }: ShownPlan, t: Translate): PlanRow[] {
  const row = (id: 'decode' | 'prefill', label: string): PlanRow => {
    const last = measured[id];
    const words = last === undefined ? undefined : t('{0} measured', formatRate(last));
    return { id, label, description: beside(formatRate(plan.rates[id]), words, t) };
  };
  return [row('decode', t('Writing (decode)')), row('prefill', t('Reading (prefill)'))];
}

function beside(estimated: string, measured: string | undefined, t: Translate): string {
  const words = t('{0} estimated', estimated);
  return measured === undefined ? words : `${words}, ${measured}`;
}

/** "Weights 9.5 GiB, KV cache 1.3 GiB": what is not there is left out. */
function categories(bytes: CategoryBytes, t: Translate): string {
  return memoryCategories
    .filter((category) => bytes[category] > 0)
    .map((category) => `${categoryWord(category, t)} ${formatBytes(bytes[category])}`)
    .join(', ');
}

function categoryWord(category: MemoryCategory, t: Translate): string {
  switch (category) {
    case 'weights':
      return t('weights');
    case 'experts':
      return t('experts');
    case 'kv':
      return t('KV cache');
    case 'checkpoints':
      return t('checkpoints');
    case 'compute':
      return t('compute');
    case 'draft':
      return t('draft model');
    case 'completion':
      return t('completion model');
    case 'residual':
      return t('driver');
  }
}
