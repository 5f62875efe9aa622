import * as path from 'node:path';
import type { LibraryEntry } from '../library/entry';
import type { PlannedFile } from '../planner/planner';
import type { ModelFileView } from '../protocol/webview';
import { listGgufFiles } from './ggufFiles';
import { describeModelFile, type ModelFile } from './modelFile';
import { Siblings } from './siblings';

export interface SiblingParts {
  /** Every model on this machine; their headers do not matter. */
  models: () => Promise<readonly LibraryEntry[]>;
  /** Reads a file's header, once as long as it stays the same. */
  open: (path: string) => Promise<PlannedFile>;
}

/** Finds files of the same model as a given one, that one included: beside it, in folders, and beside other models. */
export function createSiblings({
  models,
  open,
}: SiblingParts): (file: ModelFile, folders: readonly string[]) => Promise<ModelFileView[]> {
  const siblings = new Siblings({
    list: listGgufFiles,
    inspect: async (file) => describeModelFile(file, (await open(file)).header),
  });
  return async (file, folders) => {
    const others = (await models()).map((model) => path.dirname(model.path));
    return await siblings.find(file, [...folders, ...others]);
  };
}
