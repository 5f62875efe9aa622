import * as path from 'node:path';
import { readSetting } from '../settings';
import type { ModelFileView } from '../protocol/webview';
import { listGgufFiles, type GgufFile } from './ggufFiles';
import { inspectModelFile, type ModelFile } from './modelFile';
import { Siblings } from './siblings';

/** Finds GGUF files: in the folder of the model in use and in the folders of the settings. */
export function createModelFiles(loader: { configuredPath(): string | undefined }): {
  /** By name, each file once. */
  listModels: () => Promise<GgufFile[]>;
  /** Files of the same model, this one included. */
  findSiblings: (file: ModelFile, folders: readonly string[]) => Promise<ModelFileView[]>;
} {
  const siblings = new Siblings({ list: listGgufFiles, inspect: inspectModelFile });
  return {
    listModels: async () => {
      const current = loader.configuredPath();
      const folders = new Set(readSetting('models.folders'));
      if (current !== undefined) folders.add(path.dirname(current));
      const lists = await Promise.all([...folders].map((folder) => listGgufFiles(folder)));
      const byPath = new Map(lists.flat().map((file) => [file.path, file]));
      return [...byPath.values()].sort((a, b) => path.basename(a.path).localeCompare(path.basename(b.path)));
    },
    findSiblings: (file, folders) => siblings.find(file, folders),
  };
}
