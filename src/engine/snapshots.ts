import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { stateFilePrefix } from '../protocol/stateFiles';
import { messageOf } from './failure';
import type { LlamaSequence } from './llamaSequence';
import { log } from './log';
import {
  hashFile,
  isIntact,
  parseEntry,
  serializeEntry,
  type Boundary,
  type SnapshotEntry,
} from './snapshotFile';

const entryEnding = '.json';
const stateEnding = '.state';
/** Left behind where a process ended while it wrote. */
const unfinishedEnding = '.part';
/** An unfinished file older than this belongs to nobody, ms. */
const abandonedMs = 3_600_000;

interface Belonging {
  /** Absent: to the beginning that several share. */
  conversation?: string | undefined;
  /** Absent: all of it. */
  boundary?: Boundary;
}

/** Saved states of one model with one set of options, on disk. What goes wrong there costs time, never an answer. */
export class Snapshots {
  private readonly entries = new Map<string, SnapshotEntry>();
  /** By their ids: not to be evicted. */
  private readonly pinned = new Set<string>();
  /** The file that is being written. */
  private part: string | undefined;
  /** Bytes of states that are on disk, and of what was read again to hash it. */
  private finished = 0;

  private constructor(
    /** Of this model alone. */
    private readonly folder: string,
    /** Bytes for the states of all models, which lie in folders beside this one. */
    private readonly limit: () => number,
  ) {}

  /** Reads what is there; what is no good is removed. A folder that cannot be used is one without states. */
  static async open(folder: string, limit: () => number): Promise<Snapshots> {
    const snapshots = new Snapshots(folder, limit);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = await readdir(folder);
      for (const name of names) await snapshots.take(name, names);
    } catch (error) {
      log('warn', `Saved states cannot be used: ${messageOf(error)}`);
    }
    return snapshots;
  }

  /** Whether anything is kept at all. */
  get isKeeping(): boolean {
    return this.limit() > 0;
  }

  get isWriting(): boolean {
    return this.part !== undefined;
  }

  /** Grows while a state is written and hashed. Bytes. */
  get bytesWritten(): number {
    return this.finished + (this.part === undefined ? 0 : sizeOf(this.part));
  }

  /** The state of a conversation, or the one at a boundary of its last turn. */
  of({ conversation, boundary }: Belonging): SnapshotEntry | undefined {
    if (conversation === undefined) return undefined;
    return [...this.entries.values()].find(
      (entry) => entry.conversation === conversation && entry.boundary === boundary,
    );
  }

  /**
   * The state that begins with the most of these tokens, and with how many.
   * @param whole only states all of whose tokens are among them
   */
  best(tokens: readonly number[], whole: boolean): { entry: SnapshotEntry; common: number } | undefined {
    let best: { entry: SnapshotEntry; common: number } | undefined;
    for (const entry of this.entries.values()) {
      const common = commonLength(entry.tokens, tokens);
      if (whole && common < entry.tokens.length) continue;
      if (best === undefined || common > best.common) best = { entry, common };
    }
    return best;
  }

  /**
   * Saves what a sequence holds, in place of the earlier state of the same kind.
   * @param pin keeps it until `unpin`, whatever the limit is
   */
  async save(
    sequence: LlamaSequence,
    belongs: Belonging = {},
    pin = false,
  ): Promise<SnapshotEntry | undefined> {
    const tokens = Uint32Array.from(sequence.tokens);
    const earlier = this.of(belongs);
    if (earlier !== undefined && sameTokens(earlier.tokens, tokens)) {
      if (pin) this.pin(earlier);
      return earlier;
    }
    if (!pin && !this.isKeeping) return undefined;
    const { conversation, boundary } = belongs;
    const id = (conversation === undefined ? '' : stateFilePrefix(conversation)) + randomUUID();
    const began = performance.now();
    const part = this.path(id, unfinishedEnding);
    this.part = part;
    try {
      const bytes = await sequence.save(part);
      const sha256 = await hashFile(part, (hashed) => (this.finished += hashed));
      const entry: SnapshotEntry = {
        ...{ id, bytes, sha256, tokens, usedAt: Date.now() },
        ...(conversation !== undefined && { conversation }),
        ...(boundary !== undefined && { boundary }),
      };
      await rename(part, this.path(id, stateEnding));
      await this.write(entry);
      this.entries.set(id, entry);
      if (pin) this.pin(entry);
      if (earlier !== undefined) await this.remove(earlier);
      await this.evict();
      const ms = (performance.now() - began).toFixed(0);
      log('info', `snapshot: saved ${tokens.length} tokens, ${bytes} bytes in ${ms} ms`);
      return entry;
    } catch (error) {
      log('warn', `A state could not be saved: ${messageOf(error)}`);
      await discard(part);
      return undefined;
    } finally {
      this.part = undefined;
    }
  }

  /** Brings a state back. False where it is damaged or refused: then it is gone, and the sequence empty or as before. */
  async load(entry: SnapshotEntry, sequence: LlamaSequence): Promise<boolean> {
    const began = performance.now();
    const path = this.path(entry.id, stateEnding);
    if (!(await isIntact(path, entry))) {
      log('warn', 'A saved state is damaged: it is read anew.');
      await this.remove(entry);
      return false;
    }
    try {
      await sequence.load(path);
      if (!sameTokens(entry.tokens, sequence.tokens)) throw new Error('it holds other tokens');
    } catch (error) {
      log('warn', `A saved state was refused: ${messageOf(error)}`);
      await sequence.renew();
      await this.remove(entry);
      return false;
    }
    await this.use(entry);
    const ms = (performance.now() - began).toFixed(0);
    log('info', `snapshot: restored ${entry.tokens.length} tokens in ${ms} ms`);
    return true;
  }

  /** Keeps a state until `unpin`, whatever the limit is. */
  pin(entry: SnapshotEntry): void {
    this.pinned.add(entry.id);
  }

  unpin(entry: SnapshotEntry): void {
    this.pinned.delete(entry.id);
  }

  async forget(conversation: string): Promise<void> {
    for (const entry of [...this.entries.values()]) {
      if (entry.conversation === conversation) await this.remove(entry);
    }
  }

  async remove(entry: SnapshotEntry): Promise<void> {
    this.entries.delete(entry.id);
    this.pinned.delete(entry.id);
    // The entry first: a state without one is swept, an entry without a state would be believed.
    await discard(this.path(entry.id, entryEnding));
    await discard(this.path(entry.id, stateEnding));
  }

  /** Removes the states that were not used for the longest time until all are within the limit. */
  async evict(): Promise<void> {
    const states = await this.states();
    let bytes = states.reduce((sum, state) => sum + state.bytes, 0);
    for (const { path, bytes: freed } of states.sort((a, b) => a.usedAt - b.usedAt)) {
      if (bytes <= this.limit()) break;
      const id = path.slice(dirname(path).length + 1, -stateEnding.length);
      if (dirname(path) === this.folder && this.pinned.has(id)) continue;
      this.entries.delete(id);
      await discard(path.slice(0, -stateEnding.length) + entryEnding);
      await discard(path);
      bytes -= freed;
    }
  }

  /** Of all models. */
  private async states(): Promise<{ path: string; bytes: number; usedAt: number }[]> {
    const root = dirname(this.folder);
    const found = [];
    for (const folder of await readdir(root).catch(() => [])) {
      const names = await readdir(join(root, folder)).catch(() => []);
      for (const name of names.filter((each) => each.endsWith(stateEnding))) {
        const path = join(root, folder, name);
        const stats = await stat(path).catch(() => undefined);
        if (stats !== undefined) found.push({ path, bytes: stats.size, usedAt: stats.mtimeMs });
      }
    }
    return found;
  }

  private async take(name: string, names: readonly string[]): Promise<void> {
    const path = join(this.folder, name);
    const isAlone =
      name.endsWith(stateEnding) && !names.includes(name.slice(0, -stateEnding.length) + entryEnding);
    if (isAlone || name.endsWith(unfinishedEnding)) {
      const stats = await stat(path).catch(() => undefined);
      if (stats !== undefined && Date.now() - stats.mtimeMs > abandonedMs) await discard(path);
      return;
    }
    if (!name.endsWith(entryEnding)) return;
    const id = name.slice(0, -entryEnding.length);
    const entry = parseEntry(id, readText(path));
    if (entry !== undefined) this.entries.set(id, entry);
    else await discard(path);
  }

  private async use(entry: SnapshotEntry): Promise<void> {
    const now = new Date();
    entry.usedAt = now.getTime();
    // By this eviction tells which ones are in use, whichever model's they are.
    await utimes(this.path(entry.id, stateEnding), now, now).catch(() => undefined);
  }

  private async write(entry: SnapshotEntry): Promise<void> {
    await writeFileAtomic(this.path(entry.id, entryEnding), serializeEntry(entry), { mode: 0o600 });
  }

  private path(id: string, ending: string): string {
    return join(this.folder, id + ending);
  }
}

/** What cannot be removed now is met again at the next start. */
async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    log('warn', `A saved state could not be removed: ${messageOf(error)}`);
  });
}

/** Empty where it cannot be read. Reads in this thread: the pool's only one belongs to decoding. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** 0 where there is none. In this thread, too: the pool's only one writes it. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function commonLength(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const end = Math.min(one.length, other.length);
  for (let index = 0; index < end; index++) if (one[index] !== other[index]) return index;
  return end;
}

function sameTokens(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return one.length === other.length && commonLength(one, other) === one.length;
}
