import type { ModelFileView } from '../protocol/webview';
import { listGgufFiles } from './ggufFiles';
import { inspectModelFile, type ModelFile } from './modelFile';
import { Siblings } from './siblings';

/** Finds files of the same model as a given one, that one included, beside it and in folders. */
export function createSiblings(): (file: ModelFile, folders: readonly string[]) => Promise<ModelFileView[]> {
  const siblings = new Siblings({ list: listGgufFiles, inspect: inspectModelFile });
  return (file, folders) => siblings.find(file, folders);
}
