import type { GgufHeader } from '../gguf/model';
import { retyped } from '../gguf/retyped';
import type { Logger } from '../log';
import type { LevelMessage, SizedLevel } from '../protocol/quantize';
import type { Quantize } from './quantizeProcess';

/** From the smallest on: those that people publish, and tables of quality tell of. */
export const sizedLevels = [
  ...['IQ2_XXS', 'IQ2_M', 'Q2_K', 'IQ3_M', 'Q3_K_M', 'IQ4_XS', 'Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0'],
] as const;

/** A model's file, as far as its other levels depend on it. */
export interface SizedFile {
  path: string;
  /** Changes with the file's content. */
  identity: string;
  header: GgufHeader;
}

export interface LevelSizesDeps {
  quantize: Quantize;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** What a file would be at other levels, by llama.cpp's dry run: asked once for each file, and remembered. */
export class LevelSizes {
  readonly #known = new Map<string, readonly GgufHeader[]>();
  readonly #asked = new Map<string, Promise<boolean>>();

  constructor(private readonly deps: LevelSizesDeps) {}

  /** Headers of the file at the levels of `sizedLevels`; empty before `find` has ended. */
  of({ identity }: Pick<SizedFile, 'identity'>): readonly GgufHeader[] {
    return this.#known.get(identity) ?? [];
  }

  /** Finds them, where nobody has asked before. Whether `of` tells more once this has ended. Never rejects. */
  async find(file: SizedFile): Promise<boolean> {
    if (this.#known.has(file.identity)) return false;
    const asking = this.#asked.get(file.identity) ?? this.#ask(file);
    this.#asked.set(file.identity, asking);
    return await asking;
  }

  async #ask({ path, identity, header }: SizedFile): Promise<boolean> {
    const headers: GgufHeader[] = [];
    try {
      await sizeLevels(this.deps.quantize, path, sizedLevels, (message) => {
        headers.push(...this.#headerOf(header, message));
      });
    } catch (error) {
      // The levels before the one that ended the process hold all the same.
      this.deps.log.warn(`Sizes of other quant levels: ${errorText(error)}`);
    }
    this.#known.set(identity, headers);
    this.#asked.delete(identity);
    return headers.length > 0;
  }

  #headerOf(header: GgufHeader, message: LevelMessage): GgufHeader[] {
    try {
      if (message.kind === 'refused') throw new Error(message.detail);
      return [levelHeader(header, message)];
    } catch (error) {
      this.deps.log.info(`No size of ${message.level}: ${errorText(error)}`);
      return [];
    }
  }
}

/** Asks what each level would make of a file. Rejects as `quantize` does; what was said before holds. */
export async function sizeLevels(
  quantize: Quantize,
  modelPath: string,
  levels: readonly string[],
  onLevel: (message: LevelMessage) => void,
  signal?: AbortSignal,
): Promise<void> {
  await quantize({
    arguments: ['dry-run', '--model', modelPath, '--levels', levels.join(',')],
    onMessage: (message) => {
      if (message.kind !== 'tensor') onLevel(message);
    },
    ...(signal && { signal }),
  });
}

/** The header that a file would have at a level. @throws Error where the level has not all of its tensors */
export function levelHeader(header: GgufHeader, { level, types, dataOffset }: SizedLevel): GgufHeader {
  return retyped(header, { quant: level, types: new Map(Object.entries(types)), dataOffset });
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
