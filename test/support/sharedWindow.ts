import { EngineSupervisor } from '../../src/engineClient/supervisor';
import { surroundings } from '../../src/engineClient/privateFolder';
import { SharedEngines } from '../../src/engineClient/sharedEngines';
import type { Logger } from '../../src/log';
import type { LoadOptions } from '../../src/protocol/engine';

/** One thread, and the CPU: on a busy machine more of them wait for each other most of the time. */
export const sharedLoad: Omit<LoadOptions, 'modelPath'> = {
  gpuLayers: 0,
  contextSize: 2048,
  batchSize: 512,
  threads: 1,
  prefillThreads: 1,
  kvCacheType: 'f16',
  flashAttention: 'auto',
  mmap: true,
  mlock: false,
  sequences: 1,
};

export interface SharedWindowOptions {
  enginePath: string;
  /** Windows with the same folder share an engine. */
  folder: string;
  /** Where saved states are kept. */
  snapshotFolder?: string;
  logger: Logger;
}

/** A window's engine as the extension makes it, with a meeting place of its own. */
export function sharedWindow({ folder, ...parts }: SharedWindowOptions): EngineSupervisor {
  return new EngineSupervisor({
    ...parts,
    backend: () => 'cpu',
    findRuntime: () =>
      Promise.resolve({
        path: process.execPath,
        kind: 'node',
        version: process.versions.node,
        source: 'path',
      }),
    engines: new SharedEngines((about) => ({ ...surroundings(about), env: {}, tmpdir: folder })),
  });
}
