import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Logger } from '../log';
import { formatLearned, nothingLearned, parseLearned, type Learned } from './learnedFile';

/**
 * What was learned on this machine, in one file that all windows share: written beside and renamed, and read again
 * before each change. A damaged one is set aside. Losing it costs no more than learning again, so that failures are
 * logged and never thrown.
 */
export class LearnedStore {
  private current = nothingLearned;
  private work: Promise<void> = Promise.resolve();
  private reading: Promise<void> | undefined;

  constructor(
    private readonly file: string,
    private readonly log: Logger,
  ) {}

  /** As it was read or written last; nothing before `load`. */
  get learned(): Learned {
    return this.current;
  }

  /** Reads the file once. */
  load(): Promise<void> {
    this.reading ??= this.queue(async () => {
      this.current = await this.read();
    });
    return this.reading;
  }

  /** Changes what is known. Settles once it is on disk, or could not be written. */
  update(change: (learned: Learned) => Partial<Learned>): Promise<void> {
    return this.queue(async () => {
      const before = await this.read();
      this.current = { ...before, ...change(before) };
      await fs.mkdir(path.dirname(this.file), { recursive: true });
      await writeFileAtomic(this.file, formatLearned(this.current));
    });
  }

  private queue(work: () => Promise<void>): Promise<void> {
    this.work = this.work.then(work).catch((error: unknown) => {
      this.log.warn(`${path.basename(this.file)}: ${messageOf(error)}`);
    });
    return this.work;
  }

  private async read(): Promise<Learned> {
    let text: string;
    try {
      text = await fs.readFile(this.file, 'utf8');
    } catch {
      return this.current;
    }
    const parsed = parseLearned(text);
    if (parsed !== undefined) return parsed;
    const aside = `${this.file}.damaged-${Date.now()}`;
    await fs.rename(this.file, aside);
    this.log.warn(`What was learned of this machine cannot be read; it was renamed to ${aside}.`);
    return this.current;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
