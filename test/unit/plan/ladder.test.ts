import { describe, expect, it } from 'vitest';
import { nextRung, type AllocationFailure, type LadderStep } from '../../../src/plan/ladder';
import type { PlanConfig } from '../../../src/protocol/engine';

const config: PlanConfig = {
  gpuLayers: 33,
  contextSize: 8192,
  batchSize: 512,
  kvCacheType: 'f16',
  flashAttention: false,
  mmap: true,
  sequences: 1,
};

/** Every step down to the end. */
function descend(start: PlanConfig, failure: AllocationFailure) {
  const steps: LadderStep[] = [];
  let at = start;
  for (let rung = nextRung(at, failure, steps); rung !== undefined; rung = nextRung(at, failure, steps)) {
    steps.push(rung.step);
    at = rung.config;
  }
  return { steps, config: at };
}

describe('the ladder after a failed allocation', () => {
  it('goes from the cheapest step to the dearest, four in all', () => {
    expect(descend(config, { place: 'vram' })).toEqual({
      steps: [
        { kind: 'fewerLayers', from: 33, to: 30 },
        { kind: 'smallerBatch', from: 512, to: 256 },
        { kind: 'quantisedCache', from: 'f16', to: 'q8_0' },
        { kind: 'smallerContext', from: 8192, to: 4096 },
      ],
      config: {
        ...config,
        gpuLayers: 30,
        batchSize: 256,
        kvCacheType: 'q8_0',
        flashAttention: true,
        contextSize: 4096,
      },
    });
  });

  it('takes the further sequences first, wherever memory ran out', () => {
    for (const place of ['vram', 'ram', 'unknown'] as const) {
      const { steps } = descend({ ...config, sequences: 3 }, { place });
      const others = descend(config, { place }).steps.slice(0, 3);
      expect(steps).toEqual([{ kind: 'fewerSequences', from: 3, to: 1 }, ...others]);
    }
  });

  it('gives up a layer at least', () => {
    const rung = nextRung({ ...config, gpuLayers: 3 }, { place: 'unknown' }, []);
    expect(rung?.step).toEqual({ kind: 'fewerLayers', from: 3, to: 2 });
  });

  it('moves no layers to RAM where RAM ran out', () => {
    expect(descend(config, { place: 'ram' }).steps.map((step) => step.kind)).toEqual([
      'smallerBatch',
      'quantisedCache',
      'smallerContext',
    ]);
  });

  it('leaves out what cannot become less, and ends', () => {
    const least = { ...config, gpuLayers: 0, batchSize: 128, kvCacheType: 'q4_0' as const, contextSize: 700 };
    expect(descend(least, { place: 'vram' }).steps).toEqual([{ kind: 'smallerContext', from: 700, to: 512 }]);
    expect(nextRung({ ...least, contextSize: 512 }, { place: 'vram' }, [])).toBeUndefined();
  });
});
