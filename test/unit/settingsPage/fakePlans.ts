import { vi } from 'vitest';
import { CancelledError } from '../../../src/errors';
import type { LoadForm, ModelFileView, PlanView, QuantAdviceView } from '../../../src/protocol/webview';
import type { PlanSource } from '../../../src/settingsPage/planSource';
import { level, plan, quantAdvice } from './planFixtures';

interface Exact {
  form: LoadForm;
  files: readonly ModelFileView[];
  signal: AbortSignal;
  finish: (plan: PlanView | undefined) => void;
  fail: (error: Error) => void;
}

/** Estimates at once, and is as exact as it is told to be. */
export class FakePlans implements PlanSource {
  /** What is known of any file; undefined: nothing yet. */
  known: PlanView | undefined = { ...plan, simulated: false };
  readonly exacts: Exact[] = [];
  /** Levels that are not at hand, once they are found. */
  sizing: Promise<string[]> = Promise.resolve([]);
  sized: string[] = [];
  measuring: { onProgress: (fraction: number) => void; finish: () => void } | undefined;
  readonly estimate = vi.fn(
    (form: LoadForm) => this.known && { ...this.known, gpuLayers: form.gpuLayers ?? 20 },
  );

  readonly see = vi.fn();

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  exact(form: LoadForm, files: readonly ModelFileView[], signal: AbortSignal): Promise<PlanView | undefined> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new CancelledError()));
      this.exacts.push({ form, files, signal, finish: resolve, fail: reject });
    });
  }

  quants({ gpuLayers }: LoadForm, files: readonly ModelFileView[]): QuantAdviceView {
    const rows = files.map(({ path }) => ({ ...level, path, gpuLayers: gpuLayers ?? 20 }));
    return quantAdvice([...rows, ...this.sized.map((name) => ({ ...level, level: name, path: undefined }))]);
  }

  async findLevels(): Promise<boolean> {
    this.sized = await this.sizing;
    return this.sized.length > 0;
  }

  calibrate(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new CancelledError()));
      this.measuring = { onProgress, finish: resolve };
    });
  }
}
