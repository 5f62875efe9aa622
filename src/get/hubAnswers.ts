import * as v from 'valibot';
import type { ModelShape } from '../plan/shape';
import type { HubFiles, HubHeader, HubRepository } from '../protocol/hub';

/** What the download process answers, parsed where it comes in. */

export const repositories: v.GenericSchema<unknown, HubRepository[]> = v.array(
  v.object({ name: v.string(), downloads: v.number(), likes: v.number(), gated: v.boolean() }),
);

export const hubFile = v.object({ path: v.string(), bytes: v.number(), sha256: v.string() });

export const hubFiles: v.GenericSchema<unknown, HubFiles> = v.object({
  ...{ repository: v.string(), revision: v.string(), gated: v.boolean(), files: v.array(hubFile) },
});

/** JSON leaves out what is undefined. */
const layer = v.pipe(
  v.object({
    ...{ weightBytes: v.number(), expertBytes: v.number(), largestTensorBytes: v.number() },
    ...{ multiplyAdds: v.number(), keyValues: v.number(), valueValues: v.number(), stateBytes: v.number() },
    window: v.optional(v.number()),
  }),
  v.transform((each) => ({ ...each, window: each.window })),
);

const shape: v.GenericSchema<unknown, ModelShape> = v.object({
  ...{ name: v.string(), architecture: v.string(), quant: v.string(), parameters: v.number() },
  ...{ totalLayers: v.number(), trainContext: v.number(), vocabularySize: v.number() },
  ...{ embeddingLength: v.number(), headCount: v.number(), inputBytes: v.number() },
  layers: v.array(layer),
  feedForwardLength: v.number(),
  experts: v.object({ count: v.number(), used: v.number() }),
  ...{ tiedOutput: v.boolean(), repackedBytes: v.number() },
  gaps: v.array(v.picklist(['indexCache', 'cacheLayout', 'recurrentBatch'])),
});

export type HubModelHeader =
  Exclude<HubHeader, { shape: object }> | { path: string; shape: ModelShape; bytesRead: number };

export const hubHeader: v.GenericSchema<unknown, HubModelHeader> = v.union([
  v.object({ path: v.string(), shape, bytesRead: v.number() }),
  v.object({ path: v.string(), problem: v.string() }),
]);
