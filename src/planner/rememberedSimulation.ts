import type { Engine } from '../engineClient/engine';
import type { PlanConfig } from '../protocol/engine';
import { deviceKey } from './deviceKey';
import { withEntry, type Learned, type SimulatedPoint } from './learnedFile';
import type { LearnedStore } from './learnedStore';
import type { SimulateFile } from './planner';

export interface SimulationParts {
  engine: Pick<Engine, 'snapshot' | 'simulate'>;
  store: Pick<LearnedStore, 'learned' | 'update'>;
  identityOf: (modelPath: string) => Promise<string>;
}

/** The engine's simulation, asked only about what it was not asked before: results outlive the process. */
export function rememberedSimulation({ engine, store, identityOf }: SimulationParts): SimulateFile {
  return async ({ modelPath, configs }, signal) => {
    const identity = await identityOf(modelPath);
    // Before the engine has started its device is not known.
    const key = () => engine.snapshot.info && `${identity} ${deviceKey(engine.snapshot.info)}`;
    const known = pointsOf(store.learned, key());
    const asked = configs.filter((config) => !known.some((point) => same(point.config, config)));
    const uses = asked.length === 0 ? [] : await engine.simulate({ modelPath, configs: asked }, signal);
    const fresh = asked.flatMap((config, i): SimulatedPoint[] => {
      const use = uses[i];
      return use === undefined ? [] : [{ config, use }];
    });
    const place = key();
    if (place !== undefined && fresh.length > 0) {
      void store.update((learned) => ({
        simulated: withEntry(learned.simulated, place, [...pointsOf(learned, place), ...fresh]),
      }));
    }
    const points = [...known, ...fresh];
    return configs.flatMap((config) => points.find((point) => same(point.config, config))?.use ?? []);
  };
}

function pointsOf({ simulated }: Learned, key: string | undefined): readonly SimulatedPoint[] {
  return key !== undefined && Object.hasOwn(simulated, key) ? (simulated[key] ?? []) : [];
}

function same(a: PlanConfig, b: PlanConfig): boolean {
  return (
    a.gpuLayers === b.gpuLayers &&
    a.contextSize === b.contextSize &&
    a.batchSize === b.batchSize &&
    a.kvCacheType === b.kvCacheType &&
    a.flashAttention === b.flashAttention &&
    a.mmap === b.mmap &&
    a.sequences === b.sequences
  );
}
