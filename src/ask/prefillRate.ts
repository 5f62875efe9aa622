import type { ChatProgress } from '../protocol/engine';

/** Below this many tokens the time is mostly overhead. */
const enoughTokens = 32;

/** The last measured speed of reading, by model, else the planned one: what is said of seconds rests on it. */
export class PrefillRate {
  readonly #expecting = new Map<string, Promise<boolean>>();
  readonly #byModel = new Map<string, { rate: number; sure: boolean; measured: boolean }>();

  /** @param planned tok/s that a plan expects of a model; undefined where none can be made. Never rejects. */
  constructor(private readonly planned?: (modelPath: string) => Promise<number | undefined>) {}

  /** @param tokens tokens that were really evaluated, reused ones not */
  observe(modelPath: string, tokens: number, seconds: number): void {
    if (tokens <= 0 || seconds <= 0) return;
    const sure = tokens >= enoughTokens;
    if (!sure && this.#byModel.get(modelPath)?.sure === true) return;
    this.#byModel.set(modelPath, { rate: tokens / seconds, sure, measured: true });
  }

  /** The same, of what an engine tells while it reads a prompt. */
  observeProgress(modelPath: string, progress: ChatProgress): void {
    if (progress.kind !== 'prefill' || progress.tokensPerSecond <= 0) return;
    const tokens = progress.done - progress.reused;
    this.observe(modelPath, tokens, tokens / progress.tokensPerSecond);
  }

  /** Resolves once there is a rate of this model, be it what its plan expects; to true where that was news. */
  async expect(modelPath: string): Promise<boolean> {
    if (this.#byModel.has(modelPath)) return false;
    const expecting = this.#expecting.get(modelPath) ?? this.#expect(modelPath);
    this.#expecting.set(modelPath, expecting);
    return await expecting.finally(() => this.#expecting.delete(modelPath));
  }

  async #expect(modelPath: string): Promise<boolean> {
    const rate = await this.planned?.(modelPath);
    if (rate === undefined || rate <= 0 || this.#byModel.has(modelPath)) return false;
    this.#byModel.set(modelPath, { rate, sure: false, measured: false });
    return true;
  }

  /** Seconds for so many new tokens; undefined until this model was measured, or expected to be so quick. */
  seconds(modelPath: string | undefined, tokens: number): number | undefined {
    const rate = modelPath === undefined ? undefined : this.#byModel.get(modelPath)?.rate;
    return rate === undefined ? undefined : tokens / rate;
  }

  /** The same, where it was measured: undefined of what is only expected. */
  measuredSeconds(modelPath: string, tokens: number): number | undefined {
    return this.#byModel.get(modelPath)?.measured === true ? this.seconds(modelPath, tokens) : undefined;
  }
}
