import { viewOf, type ModelFile } from '../models/modelFile';
import type { ReadSetting } from '../models/loadSettings';
import type { ModelFileView } from '../protocol/webview';

export interface Inspection {
  file: ModelFileView | undefined;
  problem: string | undefined;
  /** Files of the same model. */
  quants: ModelFileView[];
}

export interface InspectionDeps {
  read: ReadSetting;
  /** Rejects with `EngineError` for a file that is no good. */
  inspect: (path: string) => Promise<ModelFile>;
  /** Files of the same model in its folder and in `folders`, this one included. */
  findSiblings: (file: ModelFile, folders: readonly string[]) => Promise<ModelFileView[]>;
}

/** What the headers of the files say that a page asks about: each is read once. */
export class Inspections {
  readonly #known = new Map<string, Promise<Inspection>>();

  constructor(
    private readonly deps: InspectionDeps,
    private readonly describe: (error: unknown, path: string) => string,
  ) {}

  /** Never rejects. */
  of(path: string): Promise<Inspection> {
    const known = this.#known.get(path);
    if (known) return known;
    const result = this.#read(path);
    this.#known.set(path, result);
    return result;
  }

  /** As `of`, for a file that may be another by now. */
  again(path: string): Promise<Inspection> {
    this.#known.delete(path);
    return this.of(path);
  }

  forgetAll(): void {
    this.#known.clear();
  }

  async #read(path: string): Promise<Inspection> {
    const { inspect, findSiblings, read } = this.deps;
    try {
      const file = await inspect(path);
      const folders = read('models.folders');
      const quants = await findSiblings(file, Array.isArray(folders) ? folders.map(String) : []);
      return { file: viewOf(file), problem: undefined, quants };
    } catch (error) {
      return { file: undefined, problem: this.describe(error, path), quants: [] };
    }
  }
}
