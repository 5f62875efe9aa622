import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nothingLoaded } from '../../../src/engineClient/sharedView';
import { CancelledError } from '../../../src/errors';
import { measureDisk } from '../../../src/hardware/disk';
import { Calibrator } from '../../../src/planner/calibrator';
import { deviceKey } from '../../../src/planner/deviceKey';
import { LearnedStore } from '../../../src/planner/learnedStore';
import { defaultAnswer } from '../../support/defaultScripts';
import { collectingLogger, TestEngine, temporaryFolder } from '../../support/engineHarness';
import { writeScriptedModel } from '../../support/scriptedModel';
import { startWithSoftwareVulkan } from '../../support/softwareVulkan';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(() => folder.remove());

describe('a calibration', () => {
  it('of the CPU foretells how fast another model decodes', async () => {
    const model = await writeScriptedModel(at('1B.gguf'), {
      shape: '1B, 32k words',
      quant: 'Q4_K_M',
    });
    const engine = await TestEngine.start();
    try {
      const fractions: number[] = [];
      const rates = await engine.client.calibrate((fraction) => fractions.push(fraction));
      expect(rates).toMatchObject({
        ...{ vramBytesPerSecond: 0, copyBytesPerSecond: 0, gpuMultiplyAddsPerSecond: 0 },
        ...{ diskBytesPerSecond: 0, offloadMinBatch: 32 },
      });
      expect(rates.ramBytesPerSecond).toBeGreaterThan(1e9);
      expect(rates.ramBytesPerSecond).toBeLessThan(1000e9);
      expect(rates.cpuMultiplyAddsPerSecond).toBeGreaterThan(5e9);
      expect(rates.cpuMultiplyAddsPerSecond).toBeLessThan(10_000e9);
      expect(rates.seconds).toBeLessThan(20);
      expect(fractions.at(-1)).toBe(1);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));

      await engine.load(at('1B.gguf'), { threads: null });
      const { result } = await engine.ask('Tell me how to add');
      // All but the embedding, of which a token reads one row.
      const bytes = model.tensorBytes - model.vocabulary * (2048 / 256) * 144;
      const ratio = rates.ramBytesPerSecond / bytes / (result.tokensPerSecond ?? NaN);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(1.5);
    } finally {
      await engine.client.shutdown();
    }
  }, 120_000);

  it('comes before the first load, within what a load may wait, and not before the second one', async () => {
    await writeScriptedModel(at('first.gguf'));
    const engine = await TestEngine.start();
    try {
      const store = new LearnedStore(at('learned.json'), collectingLogger([]));
      const calibrator = new Calibrator({
        engine: {
          snapshot: {
            state: { kind: 'stopped' },
            ...nothingLoaded,
            info: engine.client.info,
            runtime: undefined,
          },
          calibrate: (...args) => engine.client.calibrate(...args),
        },
        ...{ store, measureDisk, log: collectingLogger(engine.lines) },
        modelPath: () => at('first.gguf'),
        atFirstLoad: () => true,
      });
      const fractions: number[] = [];
      const report = (fraction: number) => void fractions.push(fraction);
      expect(await calibrator.beforeLoad(report, new AbortController().signal)).toBe(true);
      const kept = store.learned.calibrations[deviceKey(engine.client.info)];
      console.log(`The machine was measured in ${kept?.seconds.toFixed(1)} s`);
      expect(kept?.seconds).toBeLessThan(10);
      expect(kept?.ramBytesPerSecond).toBeGreaterThan(1e9);
      expect(fractions.at(-1)).toBe(1);
      await engine.load(at('first.gguf'));
      expect((await engine.ask('Tell me how to add')).streamed).toBe(defaultAnswer);
      expect(await calibrator.beforeLoad(report, new AbortController().signal)).toBe(false);
    } finally {
      await engine.client.shutdown();
    }
  });

  it('that is cancelled ends soon, and the engine goes on', async () => {
    await writeScriptedModel(at('tiny.gguf'));
    const engine = await TestEngine.start();
    try {
      const stop = new AbortController();
      const calibrating = engine.client.calibrate(() => stop.abort(), stop.signal);
      await expect(calibrating).rejects.toThrow(CancelledError);
      await engine.load(at('tiny.gguf'));
      expect((await engine.ask('Tell me how to add')).streamed).toBe(defaultAnswer);
    } finally {
      await engine.client.shutdown();
    }
  });

  it('of a device tells all of its rates', async (ctx) => {
    const engine = await startWithSoftwareVulkan(ctx);
    try {
      const rates = await engine.client.calibrate();
      for (const name of [
        'ramBytesPerSecond',
        'vramBytesPerSecond',
        'copyBytesPerSecond',
        'cpuMultiplyAddsPerSecond',
        'gpuMultiplyAddsPerSecond',
      ] as const) {
        expect(rates[name], name).toBeGreaterThan(1e7);
        expect(rates[name], name).toBeLessThan(1e13);
      }
    } finally {
      await engine.client.shutdown();
    }
    // The driver compiles its shaders in the first run.
  }, 240_000);
});
