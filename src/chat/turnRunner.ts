import type { Engine } from '../engineClient/engine';
import { CancelledError, EngineError, UserError } from '../errors';
import type { Logger } from '../log';
import type { ModelReadiness } from '../models/modelReadiness';
import type {
  ChatMessage,
  ChatProgress,
  ChatResult,
  LoadedModel,
  RequestKind,
  Thinking,
} from '../protocol/engine';
import type { AnswerStatus, FailureAction } from '../protocol/webview';
import type { Clock } from './clock';
import type { ContextBudget } from '../context/contextBudget';
import type { Attachment } from './chatApi';
import { replaceAttachments, type Answer, type Conversation, type Memory } from './conversation';
import { renderTurns, turnsFrom, type Turn } from './history';
import { planMemory } from './memory';
import type { PrefillRate } from '../ask/prefillRate';
import { samplingOf, thinkingOf, type ReadSetting } from './requestSettings';
import type { ChatWords, DescribeFailure } from './words';

export interface TurnRunnerDeps {
  engine: Pick<Engine, 'chat' | 'measure'>;
  /** How urgent its requests are; absent: as those of the chat. */
  kind?: RequestKind;
  /** Absent: by the person's settings. */
  thinking?: Thinking;
  readiness: ModelReadiness;
  read: ReadSetting;
  /** What every prompt begins with, as of now. */
  prefix: () => Promise<ChatMessage>;
  rate: PrefillRate;
  budget: Pick<ContextBudget, 'fit'>;
  clock: Clock;
  words: ChatWords;
  describeFailure: DescribeFailure;
  log: Logger;
}

export type AnswerChange = Partial<Omit<Answer, 'role' | 'id'>>;

export interface TurnSink {
  /** The running answer has changed. */
  answer(change: AnswerChange): void;
  /** Less of what goes along with a message is sent. */
  attachments(messageId: string, attachments: readonly Attachment[]): void;
  /** Memory begins elsewhere from this prompt on. */
  memory(memory: Memory | undefined): void;
}

/** A pause shorter than this is not shown: ghost texts take less. Milliseconds. */
const pauseShownAfter = 700;

type Plan = { kind: 'prompt'; messages: ChatMessage[] } | { kind: 'refused'; message: string };

/** Makes one answer: model, memory, request. */
export class TurnRunner {
  readonly #deps: TurnRunnerDeps;

  constructor(deps: TurnRunnerDeps) {
    this.#deps = deps;
  }

  /**
   * Answers the last message of `conversation`, which ends before the answer. Never rejects: the returned change
   * holds the answer's final status, and what came stays.
   */
  async run(conversation: Conversation, sink: TurnSink, signal: AbortSignal): Promise<AnswerChange> {
    try {
      const { model, plan } = await this.#prepare(conversation, sink, signal);
      if (plan.kind === 'refused') {
        return { refused: true, status: failed(plan.message, 'openSettings') };
      }
      return await this.#ask(conversation.id, plan.messages, model, sink, signal);
    } catch (error) {
      return { status: this.#failure(error, signal) };
    }
  }

  async #prepare(
    conversation: Conversation,
    sink: TurnSink,
    signal: AbortSignal,
  ): Promise<{ model: LoadedModel; plan: Plan }> {
    const { readiness, log } = this.#deps;
    const model = await readiness.ensureLoaded(signal);
    try {
      return { model, plan: await this.#plan(conversation, model, sink, signal) };
    } catch (error) {
      // The engine ended after its model was seen: nothing was evaluated yet, so a new process serves as well.
      if (!EngineError.is(error, 'noModel') && !EngineError.is(error, 'crashed')) throw error;
      log.info(`The model was lost before it was asked: loading it again. ${error.message}`);
    }
    const reloaded = await readiness.ensureLoaded(signal);
    return { model: reloaded, plan: await this.#plan(conversation, reloaded, sink, signal) };
  }

  /** The conversation with less in its last message, where that exceeds the budget. */
  async #fit(conversation: Conversation, system: ChatMessage, sink: TurnSink): Promise<Conversation> {
    const message = conversation.messages.at(-1);
    if (message?.role !== 'user' || message.whole === true || message.attachments.length === 0) {
      return conversation;
    }
    const { id, text, attachments } = message;
    const fitted = await this.#deps.budget.fit(attachments, text, [system.content, text]);
    if (fitted === attachments) return conversation;
    sink.attachments(id, fitted);
    return replaceAttachments(conversation, id, fitted);
  }

  async #plan(asked: Conversation, model: LoadedModel, sink: TurnSink, signal: AbortSignal): Promise<Plan> {
    const { engine, read, rate, words } = this.#deps;
    const system = await this.#deps.prefix();
    const conversation = await this.#fit(asked, system, sink);
    const all = renderTurns(conversation.messages);
    const { memory } = conversation;
    // A larger context than memory was cut for has room for what left.
    const keeps = memory !== undefined && memory.contextSize >= model.contextSize;
    let turns = turnsFrom(all, keeps ? memory.firstMessageId : undefined);
    if (!keeps && memory !== undefined) sink.memory(undefined);
    for (let trimming = false; ; trimming = true) {
      const messages = [system, ...turns.flatMap((turn) => turn.messages)];
      const measured = await engine.measure(messages, signal);
      const sizes = sizesOf(turns, measured.perMessage);
      const { contextSize } = measured;
      const plan = planMemory({ ...sizes, contextSize, maxTokens: read('sampling.maxTokens') }, trimming);
      if (plan.kind === 'refused') {
        return { kind: 'refused', message: words.tooLong(plan.needed, plan.available) };
      }
      if (plan.kind === 'drop') {
        turns = turns.slice(plan.count);
        continue;
      }
      const first = turns[0];
      if (trimming && first !== undefined) {
        const rereadTokens = measured.total - sizes.prefix;
        sink.memory({
          firstMessageId: first.firstMessageId,
          droppedTurns: all.length - turns.length,
          rereadTokens,
          rereadSeconds: rate.seconds(model.path, rereadTokens) ?? null,
          contextSize,
        });
      }
      return { kind: 'prompt', messages };
    }
  }

  async #ask(
    conversationId: string,
    messages: ChatMessage[],
    model: LoadedModel,
    sink: TurnSink,
    signal: AbortSignal,
  ): Promise<AnswerChange> {
    const { engine, read, clock, rate } = this.#deps;
    let text = '';
    let thought = '';
    let thoughtBegan: number | undefined;
    let thoughtSeconds: number | null = null;
    let begun = false;
    let callOffPause: (() => void) | undefined;
    const endPause = () => {
      callOffPause?.();
      callOffPause = undefined;
    };
    const onProgress = (progress: ChatProgress): void => {
      if (progress.kind === 'waiting') {
        if (!begun) sink.answer({ status: { kind: 'waiting', ahead: progress.ahead } });
        else callOffPause ??= clock.after(pauseShownAfter, () => sink.answer({ status: { kind: 'paused' } }));
        return;
      }
      begun = true;
      endPause();
      if (progress.kind === 'prefill') {
        rate.observeProgress(model.path, progress);
        sink.answer({ status: readingStatus(progress) });
        return;
      }
      if (progress.kind === 'thought') thoughtBegan ??= clock.now();
      // The time of thought ends with the first token of the text.
      if (thoughtBegan !== undefined && text === '') thoughtSeconds = (clock.now() - thoughtBegan) / 1000;
      if (progress.kind === 'thought') thought += progress.text;
      else text += progress.text;
      const status: AnswerStatus = { kind: 'streaming', tokensPerSecond: progress.tokensPerSecond };
      sink.answer({ text, thought, thoughtSeconds, status });
    };
    const request = {
      kind: this.#deps.kind ?? 'chat',
      conversation: conversationId,
      messages,
      sampling: samplingOf(read),
      thinking: this.#deps.thinking ?? thinkingOf(read),
    };
    if (signal.aborted) throw new CancelledError();
    const result = await engine.chat(request, onProgress, signal).finally(endPause);
    return {
      text: result.text === '' ? text : result.text,
      thought: result.thought === '' ? thought : result.thought,
      thoughtSeconds,
      status: { kind: 'done', stopReason: result.stopReason },
      stats: statsOf(result),
    };
  }

  #failure(error: unknown, signal: AbortSignal): AnswerStatus {
    const { describeFailure, readiness, words, log } = this.#deps;
    if (CancelledError.is(error) || (signal.aborted && !EngineError.is(error))) {
      return { kind: 'done', stopReason: 'cancelled' };
    }
    if (EngineError.is(error)) {
      log.warn(error.message);
      const modelPath = readiness.configuredPath();
      const { message, action } = describeFailure(
        error.failure,
        modelPath === undefined ? {} : { modelPath },
      );
      return failed(message, EngineError.is(error, 'crashed') ? 'retry' : action);
    }
    if (UserError.is(error)) return failed(error.message, 'chooseModel');
    log.error(error instanceof Error ? error : String(error));
    return failed(words.unexpected(error instanceof Error ? error.message : String(error)), 'showLog');
  }
}

function failed(message: string, action: FailureAction | undefined): AnswerStatus {
  return { kind: 'failed', message, action };
}

function readingStatus(progress: Extract<ChatProgress, { kind: 'prefill' }>): AnswerStatus {
  const { done, total, reused, tokensPerSecond } = progress;
  const secondsLeft = tokensPerSecond > 0 ? (total - done) / tokensPerSecond : null;
  return { kind: 'reading', done, total, reused, tokensPerSecond, secondsLeft };
}

/** Sums what was measured of each message over the turns; the first message is the prefix. */
function sizesOf(turns: readonly Turn[], perMessage: readonly number[]): { prefix: number; turns: number[] } {
  let at = 1;
  return {
    prefix: perMessage[0] ?? 0,
    turns: turns.map(({ messages }) => {
      const end = at + messages.length;
      const tokens = perMessage.slice(at, end).reduce((sum, count) => sum + count, 0);
      at = end;
      return tokens;
    }),
  };
}

function statsOf(result: ChatResult): Answer['stats'] {
  return {
    tokens: result.outputTokens,
    tokensPerSecond: result.tokensPerSecond,
    firstTokenSeconds: result.firstTokenMs === null ? null : result.firstTokenMs / 1000,
    promptTokens: result.promptTokens,
    reusedTokens: result.reusedTokens,
  };
}
