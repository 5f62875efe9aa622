import type { ModelShape } from '../plan/shape';
import { shapeOf } from '../plan/shapeOf';
import { baseName } from '../models/baseName';
import type { PlannedFile } from './planner';

/** Headers read at most: each may be some megabytes. */
const maxModels = 20;

/**
 * Models that could be used in another's place: those that can hold a conversation. Of files that cannot be read
 * nothing is told.
 */
export async function modelsAtHand(
  paths: readonly string[],
  open: (modelPath: string) => Promise<PlannedFile>,
): Promise<ModelShape[]> {
  const models: ModelShape[] = [];
  for (const path of paths.slice(0, maxModels)) {
    const header = await open(path).then(
      (file) => file.header,
      () => undefined,
    );
    if (header?.hasChatTemplate !== true) continue;
    // Several files may hold one model, at several levels.
    models.push({ ...shapeOf(header), name: `${header.name ?? baseName(path)} (${header.quant})` });
  }
  return models;
}
