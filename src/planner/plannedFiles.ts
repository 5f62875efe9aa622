import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { EngineError } from '../errors';
import { GgufError } from '../gguf/ggufError';
import { readGgufHeader } from '../gguf/readHeader';
import type { PlannedFile } from './planner';

/** Headers kept, some hundred KB each: those of a well-filled list of models. */
const kept = 128;

/** Reads headers, each once while its file stays as it is. */
export class PlannedFiles {
  /** By path, the least recently asked one first. */
  private readonly known = new Map<string, PlannedFile>();

  /** Rejects with `EngineError` for a file that is no good. */
  async open(path: string): Promise<PlannedFile> {
    try {
      return await this.read(path);
    } catch (error) {
      if (GgufError.is(error)) throw new EngineError({ reason: error.reason, detail: error.detail });
      throw error;
    }
  }

  /** Rejects with `GgufError` for a file that is no good. */
  async read(path: string): Promise<PlannedFile> {
    const identity = await identityOf(path);
    const before = this.known.get(path);
    const file =
      before?.identity === identity ? before : { path, identity, header: await readGgufHeader(path) };
    this.keep(path, file);
    return file;
  }

  private keep(path: string, file: PlannedFile): void {
    this.known.delete(path);
    this.known.set(path, file);
    const [oldest] = this.known.keys();
    if (this.known.size > kept && oldest !== undefined) this.known.delete(oldest);
  }
}

/** The same for the same content, as far as the file system tells. Tells no path, and has no spaces. */
async function identityOf(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    return createHash('sha256').update(`${path}\n${size}\n${mtimeMs}`).digest('hex').slice(0, 24);
  } catch (error) {
    throw new GgufError('modelMissing', error instanceof Error ? error.message : String(error));
  }
}
