import type { ReadSetting } from '../chat/requestSettings';
import { samplingOf } from '../chat/requestSettings';
import type { DescribeFailure } from '../chat/words';
import type { Engine } from '../engineClient/engine';
import { CancelledError, EngineError, UserError } from '../errors';
import type { ModelReadiness } from '../models/modelReadiness';
import type { ChatMessage, ChatProgress, ChatRequest, ChatResult, Thinking } from '../protocol/engine';
import type { PrefillRate } from './prefillRate';

export interface ModelAskerDeps {
  engine: Pick<Engine, 'chat' | 'countTokens' | 'snapshot'>;
  readiness: ModelReadiness;
  read: ReadSetting;
  rate: PrefillRate;
  describeFailure: DescribeFailure;
}

/** A request that a person waits for in the editor; sampling is the person's. */
export type ModelQuestion = Pick<
  ChatRequest,
  'kind' | 'messages' | 'conversation' | 'tools' | 'mustCallTool'
> & {
  /** Tokens of the answer; absent: the person's setting. */
  maxTokens?: number;
  /** Absent: none. */
  thinking?: Thinking;
};

/** What reading so many tokens costs: tokens by the loaded model's tokenizer, seconds estimated. */
export interface PromptCost {
  tokens: number;
  /** undefined where this model's speed of reading was neither measured nor planned. */
  seconds: number | undefined;
}

/** Asks the model outside of the chat view. */
export class ModelAsker {
  constructor(private readonly deps: ModelAskerDeps) {}

  /**
   * Loads the configured model where none is, and answers. What came before a cancel is in the result.
   * Rejects with `CancelledError` where it was cancelled before the model was there, else with a `UserError`.
   */
  async ask(
    question: ModelQuestion,
    onProgress: (progress: ChatProgress) => void,
    signal: AbortSignal,
  ): Promise<ChatResult> {
    const { engine, readiness, read, rate } = this.deps;
    const { maxTokens, thinking = { mode: 'off' }, ...rest } = question;
    try {
      const model = await readiness.ensureLoaded(signal);
      const sampling = { ...samplingOf(read), ...(maxTokens !== undefined && { maxTokens }) };
      const request = { ...rest, sampling, thinking };
      return await engine.chat(
        request,
        (progress) => {
          rate.observeProgress(model.path, progress);
          onProgress(progress);
        },
        signal,
      );
    } catch (error) {
      throw this.inWords(error, signal);
    }
  }

  /** Of plain texts, in their order; undefined while no model is loaded. Loads nothing. */
  async cost(texts: string[]): Promise<PromptCost[] | undefined> {
    const { engine, rate } = this.deps;
    const { model } = engine.snapshot;
    if (model === undefined) return undefined;
    const [counts] = await Promise.all([engine.countTokens(texts), rate.expect(model.path)]);
    return counts.map((tokens) => ({ tokens, seconds: rate.seconds(model.path, tokens) }));
  }

  private inWords(error: unknown, signal: AbortSignal): unknown {
    if (!EngineError.is(error)) return signal.aborted ? new CancelledError() : error;
    const { describeFailure, readiness } = this.deps;
    const modelPath = readiness.configuredPath();
    return new UserError(
      describeFailure(error.failure, modelPath === undefined ? {} : { modelPath }).message,
    );
  }
}

/** A system message and what a person asks, as a history. */
export function asHistory(system: string, user: string): ChatMessage[] {
  return [
    { role: 'system', content: system },
    { role: 'user', content: user },
  ];
}
