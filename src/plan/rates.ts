import type { PlanConfig } from '../protocol/engine';
import { kvValueBytes } from './kvCache';
import type { Machine } from './machine';
import { placeLayers, usedShare, type AttentionGroup, type PlaceLoad } from './placement';
import type { PlanRates, TypicalRequest } from './plan';
import type { ModelShape } from './shape';

/** Where the layers run beyond what the configuration says. */
export interface Placing {
  /** Weights that do not fit into RAM and are read from the disk again and again, bytes. */
  pagedBytes?: number;
  /** Blocks whose experts stay on the CPU. */
  cpuExpertLayers?: number;
}

/**
 * What attention over a quantised cache costs beyond f16, in multiply-adds for each of its own. Fitted to what q8_0
 * lost on a two-core CPU: 53 % (135M) and 32 % (1B) of prefill, 10 to 20 % of decode. Taking prompts of 512 tokens
 * (the measurement's length is not on record), the factor gives about 62, 26 and 12 %. Assumed, not measured: q4_0,
 * larger models, and a GPU, which is charged at its own rate.
 */
const quantisedAttentionCost = 20;

/** Tokens of the batches that the rates of multiply-adds are measured with. */
const ratedBatch = 512;
/**
 * Batch at which half of the possible rate is reached. CPU: chunks of 16, 32, 64 and 128 tokens ran at 0.80, 0.86,
 * 0.93 and 0.98 of the rate at 512 (1B, two cores). GPU: assumed.
 */
const halfRateBatch = { cpu: 4, gpu: 64 };

/** Predicts rates of the typical request: tok/s and seconds, all estimated. */
export function predictRates(
  config: PlanConfig,
  shape: ModelShape,
  machine: Machine,
  typical: TypicalRequest,
  placing: Placing = {},
): PlanRates {
  const model = new RateModel(config, shape, machine, placing);
  const prompt = Math.max(1, Math.min(typical.promptTokens, config.contextSize));
  const answer = typical.answerTokens;
  const prefillSeconds = model.prefillSeconds(prompt, 0);
  const between = Math.min(config.contextSize, prompt + answer / 2);
  return {
    prefill: prompt / prefillSeconds,
    decode: 1 / model.tokenSeconds(0),
    prefillFull: prompt / model.prefillSeconds(prompt, config.contextSize - prompt),
    decodeFull: 1 / model.tokenSeconds(config.contextSize),
    requestSeconds: prefillSeconds + answer * model.tokenSeconds(between),
  };
}

/** The time model of one configuration. Seconds. */
export class RateModel {
  private readonly gpu: PlaceLoad;
  private readonly cpu: PlaceLoad;
  private readonly share: number;

  constructor(
    private readonly config: PlanConfig,
    private readonly shape: ModelShape,
    private readonly machine: Machine,
    private readonly placing: Placing = {},
  ) {
    const { gpu, cpu } = placeLayers(shape, config.gpuLayers, placing.cpuExpertLayers);
    this.gpu = gpu;
    this.cpu = cpu;
    this.share = usedShare(shape);
  }

  /** One token decoded with `context` tokens before it: every weight in use is read once. */
  tokenSeconds(context: number): number {
    const { rates } = this.machine;
    const read = (load: PlaceLoad) =>
      load.denseBytes + load.outputBytes + load.expertBytes * this.share + this.cacheBytes(load, context);
    return (
      over(read(this.gpu), rates.vramBytesPerSecond) +
      over(read(this.cpu), rates.ramBytesPerSecond) +
      over(this.pagedBytes(this.share), rates.diskBytesPerSecond) +
      this.quantisedSeconds((groups) => attentionSum(groups, this.shape, context, 1))
    );
  }

  /** `tokens` of a prompt evaluated after `before` others, in the configuration's batches. */
  prefillSeconds(tokens: number, before: number): number {
    const { batchSize } = this.config;
    const rest = tokens % batchSize;
    const sum = (groups: readonly AttentionGroup[]) => attentionSum(groups, this.shape, before, tokens);
    return (
      Math.floor(tokens / batchSize) * this.batchSeconds(batchSize) +
      (rest > 0 ? this.batchSeconds(rest) : 0) +
      // The attention of a layer runs where its cache is, also when the layer's weights are copied.
      over(sum(this.gpu.attention), this.machine.rates.gpuMultiplyAddsPerSecond) +
      over(sum(this.cpu.attention), this.machine.rates.cpuMultiplyAddsPerSecond) +
      this.quantisedSeconds(sum) +
      over(this.gpu.outputBytes, this.machine.rates.vramBytesPerSecond) +
      over(this.cpu.outputBytes, this.machine.rates.ramBytesPerSecond)
    );
  }

  /** One batch without its attention. */
  private batchSeconds(tokens: number): number {
    const { rates } = this.machine;
    // Each token picks its experts; a batch reads all that any of them picked.
    const share = 1 - (1 - this.share) ** tokens;
    const bytes = (load: PlaceLoad) => load.denseBytes + load.expertBytes * share;
    const onGpu = (adds: number) =>
      over(adds * tokens, rates.gpuMultiplyAddsPerSecond * efficiency(tokens, 'gpu'));
    const onCpu = (adds: number) =>
      over(adds * tokens, rates.cpuMultiplyAddsPerSecond * efficiency(tokens, 'cpu'));
    const copied = this.machine.gpu !== undefined && tokens >= rates.offloadMinBatch;
    return (
      Math.max(onGpu(this.gpu.multiplyAdds), over(bytes(this.gpu), rates.vramBytesPerSecond)) +
      (copied
        ? over(bytes(this.cpu), rates.copyBytesPerSecond) + onGpu(this.cpu.multiplyAdds)
        : Math.max(onCpu(this.cpu.multiplyAdds), over(bytes(this.cpu), rates.ramBytesPerSecond))) +
      over(this.pagedBytes(share), rates.diskBytesPerSecond)
    );
  }

  private cacheBytes(load: PlaceLoad, context: number): number {
    const perValue = kvValueBytes[this.config.kvCacheType];
    return (
      load.attention.reduce((sum, { window, values }) => sum + Math.min(context, window) * values, 0) *
      perValue
    );
  }

  private quantisedSeconds(sum: (groups: readonly AttentionGroup[]) => number): number {
    if (this.config.kvCacheType === 'f16') return 0;
    const { gpuMultiplyAddsPerSecond, cpuMultiplyAddsPerSecond } = this.machine.rates;
    return (
      quantisedAttentionCost *
      (over(sum(this.gpu.attention), gpuMultiplyAddsPerSecond) +
        over(sum(this.cpu.attention), cpuMultiplyAddsPerSecond))
    );
  }

  /** Of the bytes over RAM, those that are read: experts in their share. At least so many; a poor cache reads more. */
  private pagedBytes(expertShare: number): number {
    const paged = this.placing.pagedBytes ?? 0;
    const { denseBytes, outputBytes, expertBytes } = this.cpu;
    const all = denseBytes + outputBytes + expertBytes;
    return all > 0 ? (paged * (denseBytes + outputBytes + expertBytes * expertShare)) / all : paged;
  }
}

/** Multiply-adds of attention for `tokens` that follow `before` others: queries by keys, and weights by values. */
function attentionSum(
  groups: readonly AttentionGroup[],
  shape: ModelShape,
  before: number,
  tokens: number,
): number {
  const positions = (window: number) => {
    const full = Math.max(0, Math.min(tokens, before + tokens - window));
    const growing = tokens - full;
    return full * Math.min(window, before + tokens) + growing * (before + growing / 2);
  };
  return groups.reduce(
    (sum, { window, layers }) => sum + layers * 2 * shape.embeddingLength * positions(window),
    0,
  );
}

function efficiency(tokens: number, place: 'cpu' | 'gpu'): number {
  const half = halfRateBatch[place];
  return (tokens / (tokens + half)) * ((ratedBatch + half) / ratedBatch);
}

/** Nothing takes no time, at whatever rate. */
function over(amount: number, perSecond: number): number {
  return amount === 0 ? 0 : amount / perSecond;
}
