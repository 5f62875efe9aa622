import { GgufError } from '../gguf/ggufError';
import type { Logger } from '../log';
import type { PlannedFile } from '../planner/planner';
import type { EngineFailure } from '../protocol/engine';
import type { Translate } from '../translate';
import { findCandidates, type Candidate } from './candidates';
import { entryOf, type LibraryEntry, type Reading } from './entry';
import { foldCopies, type Folded } from './fold';
import type { Place } from './places';
import { usualBudget } from './scan';

export interface LibraryDeps {
  places: () => Promise<Place[]>;
  /** Reads and checks a header. Rejects with `GgufError` for a file that is no good. */
  read: (path: string) => Promise<PlannedFile>;
  /** A failure in one or two sentences. */
  describe: (failure: EngineFailure) => string;
  log: Logger;
  t: Translate;
}

/** Headers that are read at once: each may be some megabytes. */
const concurrency = 3;
/** What was found is taken to hold for so long. Milliseconds. */
const freshMs = 5_000;
/** Listeners are told of headers at most so often. Milliseconds. */
const tellMs = 200;

/** Every model on this machine, wherever it is kept. Nothing is moved or changed. */
export class Library {
  private folded: readonly Folded[] = [];
  /** By place and state of a file, so that what did not change is not read again. */
  private readings = new Map<string, Reading>();
  private running: Promise<void> | undefined;
  private again = false;
  private firstFind: Promise<void> | undefined;
  private finishedAt = 0;
  private toldAt = 0;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly deps: LibraryDeps) {}

  /** What has been found so far, by name. Entries without a header and without a problem have not been read yet. */
  get known(): readonly LibraryEntry[] {
    return this.folded
      .flatMap((copies) => {
        const reading = this.readings.get(keyOf(copies[0])) ?? { kind: 'unread' };
        return reading.kind === 'accessory' ? [] : [entryOf(copies, reading)];
      })
      .sort((a, b) => a.name.localeCompare(b.name) || a.sizeBytes - b.sizeBytes);
  }

  /** A search, or the first reading of headers, is under way. */
  get isSearching(): boolean {
    return this.running !== undefined;
  }

  /** What there is, as soon as it is known; headers may come later. */
  async found(): Promise<readonly LibraryEntry[]> {
    if (this.firstFind === undefined) void this.search();
    await this.firstFind;
    return this.known;
  }

  /**
   * Everything, all headers read. Looks anew where that was some seconds ago.
   * @param anew in any case: a person may have put a file there just now
   */
  async entries(anew = false): Promise<readonly LibraryEntry[]> {
    if (anew && this.running !== undefined) this.again = true;
    if (anew || this.running !== undefined || Date.now() - this.finishedAt > freshMs) await this.search();
    return this.known;
  }

  /** Looks anew, and tells listeners what comes. */
  refresh(): void {
    if (this.running !== undefined) this.again = true;
    else void this.search();
  }

  onDidChange(listener: () => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }

  private search(): Promise<void> {
    this.running ??= this.searchUntilDone().finally(() => {
      this.running = undefined;
      this.finishedAt = Date.now();
      this.tell();
    });
    return this.running;
  }

  private async searchUntilDone(): Promise<void> {
    for (let wanted = true; wanted; wanted = this.again) {
      this.again = false;
      try {
        const finding = this.find();
        this.firstFind ??= finding.then(
          () => undefined,
          () => undefined,
        );
        this.folded = await finding;
        this.tell();
        await this.readAll();
      } catch (error) {
        this.deps.log.error(`The search for models failed: ${messageOf(error)}`);
      }
    }
  }

  private async find(): Promise<Folded[]> {
    const budget = usualBudget();
    const candidates: Candidate[] = [];
    for (const place of await this.deps.places()) {
      candidates.push(...(await findCandidates(place, budget)));
    }
    if (budget.exceeded === true) {
      this.deps.log.warn('The search for models ended early: there are too many files, or the disk is slow.');
    }
    return await foldCopies(candidates);
  }

  private async readAll(): Promise<void> {
    const readings = new Map<string, Reading>();
    const firsts = this.folded.map(([first]) => first);
    for (const first of firsts) {
      const before = this.readings.get(keyOf(first));
      if (before !== undefined) readings.set(keyOf(first), before);
    }
    this.readings = readings;
    const unread = firsts.filter((first) => !readings.has(keyOf(first)));
    const worker = async () => {
      for (let next = unread.shift(); next !== undefined; next = unread.shift()) {
        readings.set(keyOf(next), await this.readOne(next));
        if (Date.now() - this.toldAt > tellMs) this.tell();
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }

  private async readOne(candidate: Candidate): Promise<Reading> {
    const { t, describe, read } = this.deps;
    if (candidate.missing.length > 0) return { kind: 'problem', problem: missingParts(candidate, t) };
    try {
      return { kind: 'model', file: await read(candidate.path) };
    } catch (error) {
      if (!GgufError.is(error)) return { kind: 'problem', problem: messageOf(error) };
      if (error.isAccessory) return { kind: 'accessory' };
      return { kind: 'problem', problem: describe({ reason: error.reason, detail: error.detail }) };
    }
  }

  private tell(): void {
    this.toldAt = Date.now();
    for (const listener of [...this.listeners]) listener();
  }
}

function missingParts({ missing, partCount }: Candidate, t: Translate): string {
  return missing.length === 1
    ? t(
        'The model is incomplete: part {0} of {1} is missing. Download it again or put it beside the others.',
        missing[0] ?? 0,
        partCount,
      )
    : t(
        'The model is incomplete: {0} of its {1} parts are missing ({2}). Download them again or put them beside the others.',
        missing.length,
        partCount,
        shortList(missing),
      );
}

/** "1, 2, 3", and no longer than a message may be. */
function shortList(numbers: readonly number[]): string {
  return numbers.length > 8 ? `${numbers.slice(0, 8).join(', ')}, …` : numbers.join(', ');
}

function keyOf({ path, parts, missing }: Candidate): string {
  return JSON.stringify([
    path,
    missing.length,
    parts.map(({ sizeBytes, modified }) => [sizeBytes, modified]),
  ]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
