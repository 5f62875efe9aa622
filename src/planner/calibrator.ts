import type { Engine } from '../engineClient/engine';
import type { DiskRate } from '../hardware/disk';
import type { Logger } from '../log';
import { isSoftwareGpu } from '../plan/softwareGpu';
import type { Calibration, EngineInfo } from '../protocol/engine';
import { deviceKey } from './deviceKey';
import { withEntry } from './learnedFile';
import type { LearnedStore } from './learnedStore';

/** What a load may wait for it, ms. */
const firstLoadMs = 10_000;

export interface CalibratorDeps {
  engine: Pick<Engine, 'snapshot' | 'calibrate'>;
  store: Pick<LearnedStore, 'learned' | 'load' | 'update'>;
  /** Reads a file for a moment. Rejects with the signal's reason. */
  measureDisk: (file: string, signal: AbortSignal) => Promise<DiskRate | undefined>;
  /** The model that the settings name. */
  modelPath: () => string | undefined;
  /** Whether the first load on a machine measures it. */
  atFirstLoad: () => boolean;
  log: Logger;
}

/** Measures the machine's rates and keeps them for its devices: on request, and once before a first load. */
export class Calibrator {
  /** In this window a load waits for it once, whatever comes of it. */
  private hasTried = false;

  constructor(private readonly deps: CalibratorDeps) {}

  /**
   * Unloads the model. Keeps what was measured.
   * Rejects with `CancelledError` once `signal` aborts, with `EngineError` where it fails.
   */
  async measure(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<Calibration> {
    const { engine, store, modelPath, measureDisk } = this.deps;
    const path = modelPath();
    const disk = path === undefined ? undefined : await measureDisk(path, signal);
    const rates = await engine.calibrate(onProgress, signal);
    const measured: Calibration =
      disk === undefined
        ? rates
        : { ...rates, diskBytesPerSecond: disk.bytesPerSecond, diskIsUpperBound: disk.isUpperBound };
    const { info } = engine.snapshot;
    if (info === undefined) return measured;
    await store.load();
    await store.update(({ calibrations }) => ({
      calibrations: withEntry(calibrations, deviceKey(info), measured),
      // They were learned beside the rates until now.
      corrections: {},
    }));
    return measured;
  }

  /**
   * Before a load, with the engine started: measures devices that were never measured. Never longer than a load may
   * wait, and without hindering it: only the signal's abort rejects.
   * @returns whether it was tried; the engine may have ended over it
   */
  async beforeLoad(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<boolean> {
    const { info, model } = this.deps.engine.snapshot;
    // A model that is loaded may be what is asked for: it is not given up.
    if (this.hasTried || info === undefined || model !== undefined) return false;
    if (!this.deps.atFirstLoad() || this.isKnown(info) || isSlow(info)) return false;
    this.hasTried = true;
    try {
      await this.measure(onProgress, AbortSignal.any([signal, AbortSignal.timeout(firstLoadMs)]));
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error ? error.message : String(error);
      this.deps.log.warn(`The machine could not be measured, and is planned for by assumed rates: ${cause}`);
    }
    return true;
  }

  private isKnown(info: EngineInfo): boolean {
    return Object.hasOwn(this.deps.store.learned.calibrations, deviceKey(info));
  }
}

/** A device in software compiles its shaders for longer than a load may wait. */
function isSlow({ devices }: EngineInfo): boolean {
  return devices.some(({ name }) => isSoftwareGpu(name));
}
