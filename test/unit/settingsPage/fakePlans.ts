import { vi } from 'vitest';
import { CancelledError } from '../../../src/errors';
import type { LoadForm, ModelFileView, PlanView, QuantPlanView } from '../../../src/protocol/webview';
import type { PlanSource } from '../../../src/settingsPage/planSource';
import { plan } from './planFixtures';

interface Exact {
  form: LoadForm;
  signal: AbortSignal;
  finish: (plan: PlanView | undefined) => void;
  fail: (error: Error) => void;
}

/** Estimates at once, and is as exact as it is told to be. */
export class FakePlans implements PlanSource {
  /** What is known of any file; undefined: nothing yet. */
  known: PlanView | undefined = { ...plan, simulated: false };
  readonly exacts: Exact[] = [];
  measuring: { onProgress: (fraction: number) => void; finish: () => void } | undefined;
  readonly estimate = vi.fn(
    (form: LoadForm) => this.known && { ...this.known, gpuLayers: form.gpuLayers ?? 20 },
  );

  readonly see = vi.fn();

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  exact(form: LoadForm, signal: AbortSignal): Promise<PlanView | undefined> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new CancelledError()));
      this.exacts.push({ form, signal, finish: resolve, fail: reject });
    });
  }

  quants({ gpuLayers }: LoadForm, files: readonly ModelFileView[]): QuantPlanView[] {
    return files.map(({ path }) => ({
      ...{ path, gpuLayers: gpuLayers ?? 20, decode: 1, fits: true },
      qualityCost: undefined,
      suggested: false,
    }));
  }

  calibrate(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new CancelledError()));
      this.measuring = { onProgress, finish: resolve };
    });
  }
}
