import * as path from 'node:path';
import type { ModelFileView } from '../protocol/webview';
import { modelStem, type GgufFile } from './ggufFiles';
import { viewOf, type ModelFile } from './modelFile';

/** Headers read at most, and at once: each may be some megabytes. */
export const maxHeaders = 50;
const concurrency = 4;

export interface SiblingSources {
  list: (folder: string) => Promise<GgufFile[]>;
  /** Rejects for a file that is no good. */
  inspect: (path: string) => Promise<ModelFile>;
}

/**
 * The files of one model at hand, the given one included, smallest first: those beside it and in the folders of
 * the settings that are named alike or whose header names the same model.
 */
export class Siblings {
  /** Headers of the files as they were: a page that is opened again reads none. */
  readonly #known = new Map<string, Promise<ModelFile | undefined>>();

  constructor(private readonly sources: SiblingSources) {}

  async find(file: ModelFile, folders: readonly string[]): Promise<ModelFileView[]> {
    const stem = modelStem(path.basename(file.path));
    const alike = (candidate: GgufFile) => modelStem(path.basename(candidate.path)) === stem;
    const candidates = (await this.#list([path.dirname(file.path), ...folders]))
      .filter((candidate) => candidate.path !== file.path)
      // What is named alike comes first, so that the limit cuts off the least likely.
      .sort((a, b) => Number(alike(b)) - Number(alike(a)))
      .slice(0, maxHeaders);
    const found = (await this.#inspectAll(candidates)).filter(
      (other, index): other is ModelFile =>
        other !== undefined &&
        other.architecture === file.architecture &&
        other.totalLayers === file.totalLayers &&
        (alike(candidates[index] as GgufFile) ||
          (file.identity !== undefined && other.identity === file.identity)),
    );
    return [file, ...found].sort((a, b) => a.sizeBytes - b.sizeBytes).map(viewOf);
  }

  async #list(folders: readonly string[]): Promise<GgufFile[]> {
    const lists = await Promise.all([...new Set(folders)].map((folder) => this.sources.list(folder)));
    return [...new Map(lists.flat().map((file) => [file.path, file])).values()];
  }

  async #inspectAll(files: readonly GgufFile[]): Promise<(ModelFile | undefined)[]> {
    const results: (ModelFile | undefined)[] = [];
    let next = 0;
    const worker = async () => {
      for (let index = next++; index < files.length; index = next++) {
        results[index] = await this.#inspect(files[index] as GgufFile);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return results;
  }

  #inspect({ path: file, sizeBytes, modified }: GgufFile): Promise<ModelFile | undefined> {
    const key = `${file}|${sizeBytes}|${modified}`;
    let known = this.#known.get(key);
    if (!known) {
      known = this.sources.inspect(file).catch(() => undefined);
      this.#known.set(key, known);
    }
    return known;
  }
}
