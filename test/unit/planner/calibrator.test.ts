import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { CancelledError } from '../../../src/errors';
import type { DiskRate } from '../../../src/hardware/disk';
import { Calibrator } from '../../../src/planner/calibrator';
import { deviceKey } from '../../../src/planner/deviceKey';
import { nothingLearned, type Learned } from '../../../src/planner/learnedFile';
import type { Calibration, EngineInfo } from '../../../src/protocol/engine';
import { collectingLogger } from '../../support/engineHarness';
import { loadedModel } from '../../support/loadedModel';

const never = new AbortController().signal;
const info: EngineInfo = {
  pid: 1,
  libraryVersion: '3',
  llamaCppRelease: 'b1',
  nodeVersion: '20',
  backend: 'cuda',
  devices: [{ name: 'A card', totalBytes: 1, freeBytes: 1 }],
  mathCores: 4,
};
const rates: Calibration = {
  ramBytesPerSecond: 50e9,
  vramBytesPerSecond: 300e9,
  copyBytesPerSecond: 20e9,
  diskBytesPerSecond: 0,
  cpuMultiplyAddsPerSecond: 4e11,
  gpuMultiplyAddsPerSecond: 1e13,
  offloadMinBatch: 32,
  seconds: 5,
};

class Fixture {
  learned: Learned = { ...nothingLearned, corrections: { a: { decode: [1], prefill: [] } } };
  snapshot: EngineSnapshot = { state: { kind: 'stopped' }, info, model: undefined, runtime: undefined };
  readonly lines: string[] = [];
  readonly signals: AbortSignal[] = [];
  readonly read: string[] = [];
  path: string | undefined = '/models/a.gguf';
  disk: DiskRate | undefined = { bytesPerSecond: 2e9, isUpperBound: false };
  failure: Error | undefined;
  atFirstLoad = true;

  calibrator(): Calibrator {
    return new Calibrator({
      engine: Object.defineProperty(
        {
          snapshot: this.snapshot,
          calibrate: (onProgress?: (fraction: number) => void, signal: AbortSignal = never) => {
            this.signals.push(signal);
            onProgress?.(0.5);
            return this.failure === undefined ? Promise.resolve(rates) : Promise.reject(this.failure);
          },
        },
        'snapshot',
        { get: () => this.snapshot },
      ),
      store: Object.defineProperty(
        {
          learned: this.learned,
          load: () => Promise.resolve(),
          update: (change: (learned: Learned) => Partial<Learned>) => {
            this.learned = { ...this.learned, ...change(this.learned) };
            return Promise.resolve();
          },
        },
        'learned',
        { get: () => this.learned },
      ),
      measureDisk: (file) => {
        this.read.push(file);
        return Promise.resolve(this.disk);
      },
      modelPath: () => this.path,
      atFirstLoad: () => this.atFirstLoad,
      log: collectingLogger(this.lines),
    });
  }

  get kept(): Calibration | undefined {
    return this.learned.calibrations[deviceKey(info)];
  }
}

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});
const progress: number[] = [];
const report = (fraction: number) => void progress.push(fraction);

describe('a measurement', () => {
  it('is kept for the devices, with the rate of the model’s disk, and forgets what rested on the old rates', async () => {
    const measured = await fixture.calibrator().measure(report, never);
    expect(measured).toEqual({ ...rates, diskBytesPerSecond: 2e9, diskIsUpperBound: false });
    expect(fixture.kept).toEqual(measured);
    expect(fixture.learned.corrections).toEqual({});
    expect(fixture.read).toEqual(['/models/a.gguf']);
  });

  it('tells nothing of the disk without a model, or where its file does not tell', async () => {
    fixture.path = undefined;
    expect(await fixture.calibrator().measure(report, never)).toEqual(rates);
    expect(fixture.read).toEqual([]);
    fixture.path = '/models/sparse.gguf';
    fixture.disk = undefined;
    expect(await fixture.calibrator().measure(report, never)).toEqual(rates);
  });

  it('that fails keeps nothing, and says so', async () => {
    fixture.failure = new CancelledError();
    await expect(fixture.calibrator().measure(report, never)).rejects.toBe(fixture.failure);
    expect(fixture.kept).toBeUndefined();
  });
});

describe('before a load', () => {
  it('devices that were never measured are, and only then', async () => {
    const calibrator = fixture.calibrator();
    progress.length = 0;
    expect(await calibrator.beforeLoad(report, never)).toBe(true);
    expect(progress).toEqual([0.5]);
    expect(fixture.kept?.ramBytesPerSecond).toBe(50e9);
    expect(await calibrator.beforeLoad(report, never)).toBe(false);
    expect(await fixture.calibrator().beforeLoad(report, never)).toBe(false);
    expect(fixture.signals).toHaveLength(1);
  });

  it('nothing is measured against the settings, beside a model, without an engine, or on a GPU in software', async () => {
    const software = { ...info, devices: [{ name: 'llvmpipe (LLVM 19)', totalBytes: 1, freeBytes: 1 }] };
    const cases: Partial<Pick<Fixture, 'atFirstLoad' | 'snapshot'>>[] = [
      { atFirstLoad: false },
      { snapshot: { ...fixture.snapshot, model: loadedModel() } },
      { snapshot: { ...fixture.snapshot, info: undefined } },
      { snapshot: { ...fixture.snapshot, info: software } },
    ];
    for (const changes of cases) {
      const other = Object.assign(new Fixture(), changes);
      expect(await other.calibrator().beforeLoad(report, never)).toBe(false);
      expect(other.signals).toEqual([]);
    }
  });

  it('a failure hinders nothing, is logged, and is not repeated', async () => {
    fixture.failure = new Error('it crashed');
    const calibrator = fixture.calibrator();
    expect(await calibrator.beforeLoad(report, never)).toBe(true);
    expect(await calibrator.beforeLoad(report, never)).toBe(false);
    expect(fixture.lines).toEqual([
      'The machine could not be measured, and is planned for by assumed rates: it crashed',
    ]);
    expect(fixture.kept).toBeUndefined();
  });

  it('a cancel ends the load, and the next one does not measure again', async () => {
    const stop = new AbortController();
    const calibrator = fixture.calibrator();
    fixture.failure = new CancelledError();
    const before = calibrator.beforeLoad(() => stop.abort(), stop.signal);
    await expect(before).rejects.toThrow('This operation was aborted');
    expect(fixture.signals[0]?.aborted).toBe(true);
    expect(fixture.lines).toEqual([]);
    expect(await calibrator.beforeLoad(report, never)).toBe(false);
  });
});
