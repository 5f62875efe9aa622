import type { Attachment } from '../chat/chatApi';
import {
  append,
  findAnswer,
  isRunning,
  newAnswer,
  newConversation,
  replaceAttachments,
  updateAnswer,
  type Answer,
  type Conversation,
  type Message,
  type UserMessage,
} from '../chat/conversation';
import type { AnswerChange, TurnRunner } from '../chat/turnRunner';

export interface InlineConversationDeps {
  runner: Pick<TurnRunner, 'run'>;
  newId: () => string;
  now: () => number;
  /** In words; undefined for a cancel. */
  describe: (error: unknown) => string | undefined;
  /** Messages, or the answer that is being made, have changed. */
  onChange: () => void;
}

/** What the model is asked in place of what was typed, and what goes along: files first, the selection last. */
export interface Prepared extends Pick<UserMessage, 'text' | 'attachments'> {
  /** What must go along besides, now that the oldest turns have left the context; undefined: nothing. */
  again?: () => Attachment | undefined;
}
export type Prepare = (question: UserMessage) => Promise<Prepared>;

/** The turns of one thread and their answers, made one after the other. Knows nothing of the editor, and keeps nothing. */
export class InlineConversation {
  readonly id: string;
  #conversation: Conversation;
  #last: Promise<unknown> = Promise.resolve();
  readonly #running = new Set<AbortController>();

  constructor(private readonly deps: InlineConversationDeps) {
    this.id = deps.newId();
    this.#conversation = newConversation(this.id, '', deps.now());
  }

  get messages(): readonly Message[] {
    return this.#conversation.messages;
  }

  /** Those that the model is still shown. */
  get kept(): readonly Message[] {
    const { messages, memory } = this.#conversation;
    return messages.slice(
      Math.max(
        0,
        messages.findIndex(({ id }) => id === memory?.firstMessageId),
      ),
    );
  }

  get running(): boolean {
    return this.#running.size > 0;
  }

  /** Asks, after what was asked before. Never rejects: the answer that is returned says what became of it. */
  ask(text: string, prepare: Prepare): Promise<Answer> {
    const { newId, now } = this.deps;
    const question: UserMessage = { role: 'user', id: newId(), text, attachments: [] };
    const answer = newAnswer(newId());
    this.#change(append(this.#conversation, [question, answer], now()));
    const abort = new AbortController();
    this.#running.add(abort);
    const ended = this.#last.then(async () => {
      const change = await this.#answer(question, answer, prepare, abort.signal);
      this.#running.delete(abort);
      this.#alter(answer.id, change);
      return findAnswer(this.#conversation, answer.id) ?? answer;
    });
    this.#last = ended;
    return ended;
  }

  /** Stops the running answer and what waits behind it; what came stays. */
  stop(): void {
    for (const message of this.messages) {
      if (message.role === 'user' || !isRunning(message.status)) continue;
      this.#alter(message.id, { status: { kind: 'stopping' } });
    }
    for (const abort of this.#running) abort.abort();
  }

  /** Settles when no answer is being made. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #answer(
    question: UserMessage,
    { id }: Answer,
    prepare: Prepare,
    signal: AbortSignal,
  ): Promise<AnswerChange> {
    const { describe, runner } = this.deps;
    try {
      signal.throwIfAborted();
      const { again, ...prepared } = await prepare(question);
      let missing: Attachment | undefined;
      const lacking = new AbortController();
      const sink = {
        answer: (change: AnswerChange) => {
          if (!signal.aborted) this.#alter(id, change);
        },
        memory: (memory: Conversation['memory']) => {
          this.#change({ ...this.#conversation, memory });
          if (memory === undefined || missing !== undefined) return;
          missing = again?.();
          // Nothing was read yet: memory is cut before the model is asked.
          if (missing !== undefined) lacking.abort();
        },
        attachments: (messageId: string, attachments: UserMessage['attachments']) =>
          this.#change(replaceAttachments(this.#conversation, messageId, attachments)),
      };
      const run = (asked: Pick<UserMessage, 'text' | 'attachments'>, until: AbortSignal) =>
        runner.run(this.#upTo({ ...question, ...asked }, id), sink, until);
      const change = await run(prepared, AbortSignal.any([signal, lacking.signal]));
      if (missing === undefined || signal.aborted) return change;
      return await run({ ...prepared, attachments: [...prepared.attachments, missing] }, signal);
    } catch (error) {
      const message = signal.aborted ? undefined : describe(error);
      if (message === undefined) return { status: { kind: 'done', stopReason: 'cancelled' } };
      return { status: { kind: 'failed', message, action: undefined } };
    }
  }

  /** The conversation before an answer, with the question as it is really asked. */
  #upTo(question: UserMessage, answerId: string): Conversation {
    const messages = this.messages.map((message) => (message.id === question.id ? question : message));
    this.#change({ ...this.#conversation, messages });
    const end = messages.findIndex(({ id }) => id === answerId);
    return { ...this.#conversation, messages: messages.slice(0, end) };
  }

  #alter(answerId: string, change: AnswerChange): void {
    this.#change(updateAnswer(this.#conversation, answerId, change));
  }

  #change(conversation: Conversation): void {
    this.#conversation = conversation;
    this.deps.onChange();
  }
}
