import { describeAdvice } from '../../plan/adviceWords';
import type { Advice } from '../../plan/advice';
import { memoryCategories, totalBytes, type MemoryCategory } from '../../plan/memory';
import type { Plan, Verdict } from '../../plan/plan';
import { describeOneSequence, describeReason, gib, seconds, type Words } from '../../plan/words';

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
  compute: 'compute',
  draft: 'draft model',
  residual: 'driver',
};

/** What `--json` prints. Bytes; rates in tok/s, estimated. */
export function planAsJson(plan: Plan): Record<string, unknown> {
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
    vramBytes: totalBytes(use.vram),
    ramBytes: totalBytes(use.ram),
    categories: { vram: use.vram, ram: use.ram },
    verdict: plan.verdict,
    reason: describeReason(plan.reason, english),
    decodeTokensPerSecond: rates.decode,
    prefillTokensPerSecond: rates.prefill,
    requestSeconds: rates.requestSeconds,
    sequences: config.sequences,
    cpuExpertLayers: plan.cpuExpertLayers,
    nextLayerBytes: plan.nextLayerBytes ?? null,
    oracle: plan.oracle,
  };
}

/** The plan for people. */
export function planAsText(plan: Plan, advice: readonly Advice[]): string {
  const { config, rates, oneSequence } = plan;
  const contexts = config.sequences > 1 ? `${config.sequences} × ` : '';
  const lines = [
    `${verdictWords[plan.verdict]} ${describeReason(plan.reason, english)}`,
    '',
    row('layers on the GPU', `${config.gpuLayers} of ${plan.totalLayers}`),
    row('context', `${contexts}${config.contextSize} tokens, ${config.kvCacheType}`),
    row('batch', `${config.batchSize} tokens, flash attention ${config.flashAttention ? 'on' : 'off'}`),
    row('threads', String(plan.threads)),
    row('answers', `${seconds(rates.decode)} tok/s (full context ${seconds(rates.decodeFull)}), estimated`),
    row('reads', `${seconds(rates.prefill)} tok/s (full context ${seconds(rates.prefillFull)}), estimated`),
    row('request', `${seconds(rates.requestSeconds)} s for a typical one, estimated`),
    '',
    ...memoryTable(plan),
    ...nextLayer(plan),
    ...(oneSequence === undefined ? [] : ['', describeOneSequence(oneSequence, english)]),
  ];
  const found = advice.map((each) => `- ${describeAdvice(each, english)}`);
  return [...lines, ...(found.length > 0 ? ['', 'What would help:', ...found] : [])].join('\n');
}

function memoryTable({ use, oracle, vramBudgetBytes, ramAvailableBytes }: Plan): string[] {
  const cell = (bytes: number) => (bytes === 0 ? '–' : gib(bytes)).padStart(10);
  const line = (name: string, vram: number, ram: number) => `  ${name.padEnd(18)}${cell(vram)}${cell(ram)}`;
  const source = oracle === 'simulated' ? "llama.cpp's own arithmetic" : 'formulas';
  return [
    `  ${'memory'.padEnd(18)}${'VRAM'.padStart(10)}${'RAM'.padStart(10)}   by ${source}`,
    ...memoryCategories
      .filter((category) => use.vram[category] + use.ram[category] > 0)
      .map((category) => line(categoryWords[category], use.vram[category], use.ram[category])),
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
