import type { FimTokens } from '../gguf/fimTokens';
import type { CompleteRequest, CompleteResult } from '../protocol/engine';
import { EngineProblem } from './failure';
import { fimPrompt } from './fimPrompt';
import type { LlamaSequence } from './llamaSequence';
import type { LlamaSession, Token } from './llamaSession';
import { log } from './log';
import { Prefill, type PrefillResult, type PrefillStop } from './prefill';
import { commonLength } from './prompt';
import type { Lease, Slots } from './slots';

/** Typing stops most of them: what is typed next waits for a chunk at most. */
const chunkMs = 150;

export interface CompletionModelParts {
  session: LlamaSession;
  modelPath: string;
  fim: FimTokens;
  /** Where the sequences are shared with other requests. */
  slots: Pick<Slots, 'enter' | 'leave'>;
}

/** Fills in at carets, with one loaded model. */
export class CompletionRunner {
  private readonly prefill: Prefill;

  constructor(private readonly parts: CompletionModelParts) {
    this.prefill = new Prefill(parts.session, chunkMs);
  }

  /**
   * Nothing is more urgent: it is never paused.
   * @throws EngineProblem `promptTooLong`
   */
  async run(request: CompleteRequest, signal: AbortSignal): Promise<CompleteResult> {
    const { session, slots } = this.parts;
    const tokens = this.prompt(request);
    const room = session.contextSize - tokens.length - 1;
    if (room < 1) throw tooLong(tokens.length, session.contextSize);
    const lease: Lease = { kind: 'ghost' };
    try {
      const sequence = await slots.enter(lease, tokens.slice(0, -1));
      return await this.fill(request, sequence, { tokens, room, signal });
    } finally {
      await slots.leave(lease);
    }
  }

  private async fill(
    request: CompleteRequest,
    sequence: LlamaSequence,
    { tokens, room, signal }: { tokens: Token[]; room: number; signal: AbortSignal },
  ): Promise<CompleteResult> {
    const read = await this.prefill.run({
      ...{ sequence, tokens, signal, onProgress: () => undefined },
      stops: this.stops(request, tokens, sequence),
      pause: () => Promise.resolve(0),
    });
    const most = Math.max(1, Math.min(request.maxTokens, room));
    const writing = new Writing(request.maxLines, most, signal);
    const start = performance.now();
    if (!signal.aborted) await sequence.write(tokens.slice(-1), writing.goesOn);
    const stopReason =
      writing.stopReason === 'maxTokens' && request.maxTokens > room ? 'contextFull' : writing.stopReason;
    return this.report({
      text: writing.text,
      stopReason,
      modelPath: this.parts.modelPath,
      promptTokens: tokens.length,
      reusedTokens: read.reused,
      readTokens: readTokens(read, tokens, writing.tokens),
      outputTokens: writing.tokens,
      prefillMs: read.ms,
      decodeMs: performance.now() - start,
    });
  }

  private prompt(request: CompleteRequest): Token[] {
    const { session, fim } = this.parts;
    return fimPrompt(request, fim, (text) => session.tokenize(text), session.beginning);
  }

  /** Where the state cannot be cut at any token: what comes before the line that is being typed stays. */
  private stops(request: CompleteRequest, tokens: Token[], sequence: LlamaSequence): PrefillStop[] {
    if (!sequence.needsCheckpoints) return [];
    const { prefix } = request;
    const before = this.prompt({ ...request, prefix: prefix.slice(0, prefix.lastIndexOf('\n') + 1) });
    return [{ at: commonLength(tokens, before), reached: () => sequence.takeCheckpoint() }];
  }

  /** Numbers alone. */
  private report(result: CompleteResult): CompleteResult {
    const { promptTokens, reusedTokens, readTokens: read, outputTokens, stopReason } = result;
    const ms = Math.round(result.prefillMs + result.decodeMs);
    log(
      'info',
      `ghost: prompt ${promptTokens}, reused ${reusedTokens}, read ${read}, output ${outputTokens}, ${ms} ms, ${stopReason}`,
    );
    return result;
  }
}

/** What came so far, and whether more is wanted. */
class Writing {
  text = '';
  tokens = 0;
  stopReason: CompleteResult['stopReason'] = 'end';

  constructor(
    private readonly maxLines: number,
    private readonly maxTokens: number,
    private readonly signal: AbortSignal,
  ) {
    if (signal.aborted) this.stopReason = 'cancelled';
  }

  readonly goesOn = (text: string, tokens: number): boolean => {
    this.tokens = tokens;
    if (text !== '') this.text = text;
    const cut = lineLimit(this.text, this.maxLines);
    if (cut !== undefined) {
      this.text = cut;
      return this.stop('lines');
    }
    if (this.signal.aborted) return this.stop('cancelled');
    return tokens < this.maxTokens || this.stop('maxTokens');
  };

  private stop(reason: CompleteResult['stopReason']): false {
    this.stopReason = reason;
    return false;
  }
}

/** The text without the line break that is one too many; undefined where it has none. */
function lineLimit(text: string, maxLines: number): string | undefined {
  let end = text.search(/\S/);
  if (end === -1) return undefined;
  for (let line = 0; line < Math.max(1, maxLines); line++) {
    end = text.indexOf('\n', line === 0 ? end : end + 1);
    if (end === -1) return undefined;
  }
  return text.slice(0, end);
}

/** The sampler reads the prompt's last token. */
function readTokens({ evaluated }: PrefillResult, tokens: readonly Token[], written: number): number {
  return Math.min(tokens.length, evaluated + (written > 0 ? 1 : 0));
}

function tooLong(needed: number, contextSize: number): EngineProblem {
  const available = contextSize - 2;
  return new EngineProblem({
    reason: 'promptTooLong',
    detail: `the text around the caret has ${needed} tokens, the context has room for ${available}`,
    tokens: { needed, available },
  });
}
