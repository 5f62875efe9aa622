import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { LoadedModel } from '../protocol/engine';

/**
 * Names what a saved state fits: the very model file, and all that decides how llama.cpp lays a state out.
 * The layers on the GPU do not: a state is the same wherever it lies.
 */
export async function snapshotKey(model: LoadedModel, llamaCppRelease: string): Promise<string> {
  const { size, mtimeMs } = await stat(model.path);
  const { quant, kvCacheType, flashAttention } = model;
  const parts = [llamaCppRelease, model.path, size, mtimeMs, quant, kvCacheType, flashAttention];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
