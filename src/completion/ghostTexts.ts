import type { Engine } from '../engineClient/engine';
import { CancelledError, EngineError } from '../errors';
import type { CompleteRequest, CompleteResult } from '../protocol/engine';
import { caretPlace, type CaretPlace } from './caretPlace';
import type { FilePart } from './crossFile';
import { fimWindow, type FimWindow } from './fimWindow';
import { Pace } from './pace';
import { shapeSuggestion } from './shapeSuggestion';
import { TypedThrough, type Caret } from './typedThrough';

const blockLines = 12;
const lineTokens = 64;

export interface GhostDeps {
  engine: Pick<Engine, 'snapshot' | 'complete'>;
  settings: () => GhostSettings;
  /** Parts of other files for a caret, of so many characters at most. */
  otherFiles: (caret: AskedCaret, near: string, characters: number) => Promise<FilePart[]>;
  /** Resolves after so many ms, or earlier once the signal is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A model was found to be too slow to be asked by itself. */
  onTooSlow: (found: TooSlow) => void;
}

export interface GhostSettings {
  enabled: boolean;
  /** Seconds. */
  longestWait: number;
  /** Of a block. */
  maxTokens: number;
}

export interface TooSlow {
  modelPath: string;
  /** Estimated from what was measured; undefined where nothing came in time. */
  seconds: number | undefined;
  longestWait: number;
}

export interface AskedCaret extends Caret {
  /** As it is known in its project. */
  path: string;
  repository?: string;
}

/** Which model fills in, and how much it reads at once, tokens. */
interface Filler {
  path: string;
  contextSize: number;
}

/** Suggests what comes at a caret. */
export class GhostTexts {
  private readonly typed = new TypedThrough();
  private readonly paces = new Map<string, Pace>();
  /** Models of which it was told that they are too slow; whoever was told decides whether to say it again. */
  private readonly told = new Set<string>();
  private others: { key: string; parts: Promise<FilePart[]> } | undefined;

  constructor(private readonly deps: GhostDeps) {}

  /** Whether the loaded model is asked on request only. */
  get isTooSlow(): boolean {
    const filler = this.filler;
    return filler !== undefined && this.paceOf(filler).isTooSlow(this.deps.settings().longestWait);
  }

  /**
   * Resolves to nothing where nothing fits or it was cancelled; rejects with what the engine failed with.
   * @param explicit a person asked for it: at once, however long it takes
   */
  async suggest(caret: AskedCaret, explicit: boolean, signal: AbortSignal): Promise<string | undefined> {
    const place = caretPlace(caret.before, caret.after);
    const { filler } = this;
    if (place === 'none' || filler === undefined || signal.aborted) return undefined;
    const known = this.typed.find(caret);
    if (known !== undefined) return known;
    const settings = this.deps.settings();
    const pace = this.paceOf(filler);
    if (!explicit) {
      if (!settings.enabled || pace.isTooSlow(settings.longestWait)) return undefined;
      await this.deps.wait(pace.debounceMs, signal);
      if (isAborted(signal)) return undefined;
    }
    const limit = new Limit(signal, explicit ? undefined : settings.longestWait * 1000);
    try {
      const result = await this.ask(caret, place, { filler, pace, settings, signal: limit.signal });
      if (result === undefined) return undefined;
      if (result.stopReason !== 'cancelled') {
        const text = shapeSuggestion(result, place, caret);
        if (text !== undefined) this.typed.add(caret, text);
        return isAborted(signal) ? undefined : text;
      }
      if (limit.isOver) pace.wasOverdue(result);
      return undefined;
    } finally {
      limit.dispose();
      if (!explicit) this.judge(filler, pace, settings);
    }
  }

  private judge({ path }: Filler, pace: Pace, { longestWait }: GhostSettings): void {
    if (!pace.isTooSlow(longestWait) || this.told.has(path)) return;
    this.told.add(path);
    this.deps.onTooSlow({ modelPath: path, seconds: pace.expectedSeconds, longestWait });
  }

  private async ask(
    caret: AskedCaret,
    place: Exclude<CaretPlace, 'none'>,
    { filler, pace, settings, signal }: Asking,
  ): Promise<CompleteResult | undefined> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { window: size, files } = pace.promptSize(settings.longestWait, filler.contextSize);
      const window = fimWindow(caret.before, caret.after, size);
      const request: CompleteRequest = {
        ...{ prefix: window.prefix, suffix: window.suffix, path: caret.path },
        files: await this.otherFiles(caret, window, files),
        ...(caret.repository !== undefined && { repository: caret.repository }),
        maxTokens: place === 'line' ? lineTokens : settings.maxTokens,
        maxLines: place === 'line' ? 1 : blockLines,
      };
      const characters = charactersOf(request);
      try {
        const result = await this.deps.engine.complete(request, signal);
        pace.observe(result);
        pace.observeSize(characters, result.promptTokens);
        return result;
      } catch (error) {
        const tokens = EngineError.is(error, 'promptTooLong') ? error.failure.tokens : undefined;
        if (tokens === undefined) {
          if (CancelledError.is(error)) return undefined;
          throw error;
        }
        pace.observeSize(characters, tokens.needed);
      }
    }
    return undefined;
  }

  /** They come first in the prompt: as long as the window begins where it began they stay, and need not be read again. */
  private async otherFiles(caret: AskedCaret, window: FimWindow, characters: number): Promise<FilePart[]> {
    if (characters === 0) return [];
    const key = JSON.stringify([caret.uri, window.start, characters]);
    if (this.others?.key !== key) {
      this.others = { key, parts: this.deps.otherFiles(caret, window.prefix, characters) };
    }
    return await this.others.parts;
  }

  private get filler(): Filler | undefined {
    const { model } = this.deps.engine.snapshot;
    if (model?.completion?.fim === true) return model.completion;
    return model?.fim === true ? model : undefined;
  }

  private paceOf({ path }: Filler): Pace {
    const known = this.paces.get(path) ?? new Pace();
    this.paces.set(path, known);
    return known;
  }
}

interface Asking {
  filler: Filler;
  pace: Pace;
  settings: GhostSettings;
  signal: AbortSignal;
}

/** Ends a request that takes too long, as its owner's signal does. */
class Limit {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal;
  isOver = false;

  constructor(outer: AbortSignal, ms: number | undefined) {
    this.signal = AbortSignal.any([outer, this.controller.signal]);
    if (ms === undefined) return;
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.controller.abort();
    }, ms);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}

function charactersOf({ prefix, suffix, files }: CompleteRequest): number {
  return files.reduce(
    (sum, { path, text }) => sum + path.length + text.length,
    prefix.length + suffix.length,
  );
}

/** Read anew: the compiler would hold an earlier answer to be true still. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
