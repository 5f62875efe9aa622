import type { LoadedModel } from '../protocol/engine';

/** Gets a model ready by the person's settings. */
export interface ModelReadiness {
  /** Path of the file the settings name; undefined where none is. */
  configuredPath(): string | undefined;
  /**
   * The loaded model, loading the configured one first where none is.
   * Rejects with `EngineError` (also for a bad file), `CancelledError`, or `UserError` where nothing is configured.
   */
  ensureLoaded(signal: AbortSignal): Promise<LoadedModel>;
}
