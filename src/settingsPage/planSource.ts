import type { HardwareView, LoadForm, ModelFileView, PlanView, QuantAdviceView } from '../protocol/webview';

/** Where the page's plans come from. */
export interface PlanSource {
  /** Tells what the machine was found to be just now; nothing is planned before that. */
  see(hardware: HardwareView): void;
  /** Reads a file's header, where that is not known. Never rejects. */
  prepare(modelPath: string): Promise<void>;
  /**
   * What is known at once (≤ 50 ms): formulas, corrected by what was simulated before.
   * undefined: the file's header, or the machine, has not been read yet.
   */
  estimate(form: LoadForm): PlanView | undefined;
  /**
   * By llama.cpp's own arithmetic, with advice that knows the model's other `files` and what else is at hand.
   * undefined: the file cannot be planned for, or the engine is busy. Rejects once `signal` aborts.
   */
  exact(form: LoadForm, files: readonly ModelFileView[], signal: AbortSignal): Promise<PlanView | undefined>;
  /**
   * What each of `files`, and the levels that are not at hand, would do in the form's place, as far as that is known
   * at once. undefined: the file cannot be planned for.
   */
  quants(form: LoadForm, files: readonly ModelFileView[]): QuantAdviceView | undefined;
  /** Sizes the levels that are not at hand. Seconds; whether `quants` tells more than before. Never rejects. */
  findLevels(modelPath: string): Promise<boolean>;
  /** Measures the machine's rates. Unloads the model. Rejects with `CancelledError` once `signal` aborts. */
  calibrate(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<void>;
}
