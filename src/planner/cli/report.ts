import { describeAdvice } from '../../plan/adviceWords';
import type { Advice } from '../../plan/advice';
import type { Machine } from '../../plan/machine';
import { memoryCategories, totalBytes, type MemoryCategory } from '../../plan/memory';
import type { Plan, Verdict } from '../../plan/plan';
import { describeOneSequence, describeReason, gib, seconds, type Words } from '../../plan/words';
import type { RateSources } from './rateSources';

/** Fills a message's placeholders; the command line speaks English. */
export const english: Words = (message, ...values) =>
  message.replaceAll(/\{(\d)\}/g, (_match, index: string) => String(values[Number(index)]));

const verdictWords: Record<Verdict, string> = {
  fits: 'Fits.',
  tight: 'Tight.',
  pagesFromDisk: 'Pages from disk.',
  doesNotFit: 'Does not fit.',
};

const categoryWords: Record<MemoryCategory, string> = {
  weights: 'weights',
  experts: 'experts',
  kv: 'context',
  checkpoints: 'checkpoints',
  compute: 'compute',
  draft: 'draft model',
  completion: 'completion model',
  residual: 'driver',
};

/** A plan, and where what it says comes from. */
export interface Report {
  plan: Plan;
  machine: Machine;
  sources: RateSources;
  /** tok/s of the last answer by this very plan. */
  measuredDecode: number | undefined;
  /** What formulas leave out of the model. */
  gaps: readonly string[];
  advice: readonly Advice[];
}

/** What `--json` prints. Bytes; rates in tok/s, estimated unless their name says otherwise. */
export function planAsJson({ plan, sources, measuredDecode }: Report): Record<string, unknown> {
  const { config, use, rates } = plan;
  return {
    gpuLayers: config.gpuLayers,
    totalLayers: plan.totalLayers,
    contextSize: config.contextSize,
    kvType: config.kvCacheType,
    batchSize: config.batchSize,
    flashAttention: config.flashAttention,
    mmap: config.mmap,
    threads: plan.threads,
    prefillThreads: plan.prefillThreads,
    vramBytes: totalBytes(use.vram),
    ramBytes: totalBytes(use.ram),
    categories: { vram: use.vram, ram: use.ram },
    verdict: plan.verdict,
    reason: describeReason(plan.reason, english),
    decodeTokensPerSecond: rates.decode,
    prefillTokensPerSecond: rates.prefill,
    requestSeconds: rates.requestSeconds,
    measuredDecodeTokensPerSecond: measuredDecode ?? null,
    rateSources: sources,
    sequences: config.sequences,
    cpuExpertLayers: plan.cpuExpertLayers,
    nextLayerBytes: plan.nextLayerBytes ?? null,
    oracle: plan.oracle,
  };
}

/** The plan for people. */
export function planAsText({ plan, machine, sources, measuredDecode, gaps, advice }: Report): string {
  const { config, rates, oneSequence } = plan;
  const contexts = config.sequences > 1 ? `${config.sequences} × ` : '';
  const last = measuredDecode === undefined ? '' : `; ${seconds(measuredDecode)} measured at the last answer`;
  const lines = [
    `${verdictWords[plan.verdict]} ${describeReason(plan.reason, english)}`,
    '',
    row('layers on the GPU', `${config.gpuLayers} of ${plan.totalLayers}`),
    row('context', `${contexts}${config.contextSize} tokens, ${config.kvCacheType}`),
    row('batch', `${config.batchSize} tokens, flash attention ${config.flashAttention ? 'on' : 'off'}`),
    row('threads', `${plan.threads}, ${plan.prefillThreads} to read the prompt`),
    row(
      'answers',
      `${seconds(rates.decode)} tok/s (full context ${seconds(rates.decodeFull)}), estimated${last}`,
    ),
    row('reads', `${seconds(rates.prefill)} tok/s (full context ${seconds(rates.prefillFull)}), estimated`),
    row('request', `${seconds(rates.requestSeconds)} s for a typical one, estimated`),
    row('from rates', describeSources(sources)),
    '',
    ...memoryTable(plan, machine),
    ...gaps,
    ...nextLayer(plan),
    ...(oneSequence === undefined ? [] : ['', describeOneSequence(oneSequence, english)]),
  ];
  const found = advice.map((each) => `- ${describeAdvice(each, english)}`);
  return [...lines, ...(found.length > 0 ? ['', 'What would help:', ...found] : [])].join('\n');
}

function describeSources({ measured, assumed }: RateSources): string {
  const kinds = [
    ...(measured.length > 0 ? [`measured here: ${measured.join(', ')}`] : []),
    ...(assumed.length > 0 ? [`assumed: ${assumed.join(', ')}`] : []),
  ];
  return kinds.join('; ');
}

function memoryTable(
  { use, oracle, vramBudgetBytes, ramAvailableBytes }: Plan,
  { residual }: Machine,
): string[] {
  const cell = (bytes: number) => (bytes === 0 ? '–' : gib(bytes)).padStart(10);
  const line = (name: string, vram: number, ram: number) => `  ${name.padEnd(18)}${cell(vram)}${cell(ram)}`;
  const source = oracle === 'simulated' ? "llama.cpp's own arithmetic" : 'formulas';
  return [
    `  ${'memory'.padEnd(18)}${'VRAM'.padStart(10)}${'RAM'.padStart(10)}   by ${source}`,
    ...memoryCategories
      .filter((category) => use.vram[category] + use.ram[category] > 0)
      .map((category) => {
        const row = line(categoryWords[category], use.vram[category], use.ram[category]);
        return category === 'residual' ? `${row}   ${residual.source}` : row;
      }),
    line('in all', totalBytes(use.vram), totalBytes(use.ram)),
    line('may take', vramBudgetBytes, ramAvailableBytes),
  ];
}

function nextLayer({ nextLayerBytes, nextLayerOverBytes }: Plan): string[] {
  if (nextLayerBytes === undefined || nextLayerOverBytes === undefined) return [];
  const takes = `One more layer would take ${gib(nextLayerBytes)} of VRAM`;
  return ['', nextLayerOverBytes > 0 ? `${takes}, ${gib(nextLayerOverBytes)} over the budget.` : `${takes}.`];
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(18)}${value}`;
}
