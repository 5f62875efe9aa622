import { inStableOrder } from '../context/stableOrder';
import type { AskRequest, AskResult, Attachment } from './chatApi';
import type { Clock } from './clock';
import {
  append,
  cutFrom,
  findAnswer,
  holdsContent,
  newAnswer,
  replaceAttachments,
  updateAnswer,
  type Answer,
  type Conversation,
} from './conversation';
import type { ConversationBook } from './conversationBook';
import type { AnswerChange, TurnRunner, TurnSink } from './turnRunner';

export interface AnswerDeskDeps {
  book: ConversationBook;
  runner: TurnRunner;
  clock: Clock;
  newId: () => string;
  /** Messages or the queue have changed. */
  onChange: () => void;
  /** The running answer has grown, or its status has changed. */
  onProgress: (answer: Answer, conversation: Conversation) => void;
  /** An answer has ended, after so many seconds. */
  onEnd: (answer: Answer, conversation: Conversation, seconds: number) => void;
  /** An attempt to replace messages has failed, and they are back. */
  onBroughtBack: (failure: string | undefined, edited: string | undefined) => void;
}

interface Prompt {
  id: string;
  conversationId: string;
  text: string;
  attachments: Attachment[];
  whole: boolean;
  onText: AskRequest['onText'];
  settle: Settle;
}
type Settle = (result: AskResult) => void;

interface Running {
  conversationId: string;
  answerId: string;
  abort: AbortController;
  stopping: boolean;
  startedAt: number;
  settle: Settle;
  onText: AskRequest['onText'];
  /** What an attempt that comes to nothing gives back. */
  replaced: { before: Conversation; edited: string | undefined } | undefined;
  ended: Promise<void>;
}

/** One answer at a time, and the prompts that wait for it. */
export class AnswerDesk {
  readonly #deps: AnswerDeskDeps;
  #queue: Prompt[] = [];
  #running: Running | undefined;
  /** True after a failure: what waits would fail as well, so it waits for the person's next step. */
  #held = false;
  #disposed = false;

  constructor(deps: AnswerDeskDeps) {
    this.#deps = deps;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** The answer that is being made in this conversation. */
  runningAnswer(conversation: Conversation): Answer | undefined {
    const running = this.#running;
    if (running?.conversationId !== conversation.id) return undefined;
    return findAnswer(conversation, running.answerId);
  }

  queued(conversationId: string): { id: string; text: string }[] {
    return this.#queue
      .filter((prompt) => prompt.conversationId === conversationId)
      .map(({ id, text }) => ({ id, text }));
  }

  /** Asks in the open conversation, after what waits already. `settle` is called, whatever happens. */
  enqueue({ text, attachments, onText, whole = false }: AskRequest, settle: Settle): void {
    const conversationId = this.#deps.book.current.id;
    this.#queue.push({ id: this.#deps.newId(), conversationId, text, attachments, onText, whole, settle });
    this.#held = false;
    this.#next();
    this.#deps.onChange();
  }

  /** Takes waiting prompts away. */
  removeQueued(choose: (prompt: { id: string; conversationId: string }) => boolean): void {
    const gone = this.#queue.filter(choose);
    this.#queue = this.#queue.filter((prompt) => !gone.includes(prompt));
    for (const { settle } of gone) settle({ kind: 'cancelled', text: '' });
  }

  /** Stops the running answer; what came stays. False where none runs. */
  stop(): boolean {
    const running = this.#running;
    if (running === undefined) return false;
    if (running.stopping) return true;
    running.stopping = true;
    this.#alter(running, { status: { kind: 'stopping' } });
    running.abort.abort();
    this.#deps.onChange();
    return true;
  }

  /** Stops at once what runs in a conversation that goes away. */
  abandon(conversationId: string): void {
    this.removeQueued((prompt) => prompt.conversationId === conversationId);
    if (this.#running?.conversationId === conversationId) this.#running.abort.abort();
  }

  /** Makes an answer anew; it and all after it go, unless the attempt comes to nothing. */
  async retry(answerId: string): Promise<void> {
    await this.#endRunning();
    const { current } = this.#deps.book;
    if (findAnswer(current, answerId) !== undefined) this.#replace(current, cutFrom(current, answerId));
    else this.#next();
  }

  /** Replaces a message of the person's, and adds to what goes along with it; all after it go, unless the attempt fails before its first token. */
  async editAndResend(messageId: string, text: string, more: readonly Attachment[]): Promise<void> {
    await this.#endRunning();
    const { current } = this.#deps.book;
    const message = current.messages.find(({ id }) => id === messageId);
    if (message?.role !== 'user') {
      this.#next();
      return;
    }
    const cut = cutFrom(current, messageId);
    const attachments = inStableOrder([...message.attachments, ...more]);
    this.#replace(current, append(cut, [{ ...message, text, attachments }], this.#deps.clock.now()), text);
  }

  /** Ends the running answer and settles all who wait. */
  dispose(): void {
    this.#disposed = true;
    this.#running?.abort.abort();
    this.#running?.settle({ kind: 'cancelled', text: '' });
    this.removeQueued(() => true);
  }

  #next(): void {
    if (this.#running !== undefined || this.#held || this.#disposed) return;
    const prompt = this.#queue.shift();
    if (prompt === undefined) return;
    const { id, conversationId, text, attachments, onText, whole, settle } = prompt;
    const conversation = this.#deps.book.get(conversationId);
    if (conversation === undefined) {
      settle({ kind: 'cancelled', text: '' });
      this.#next();
      return;
    }
    const message = { role: 'user' as const, id, text, attachments, ...(whole && { whole }) };
    this.#begin(append(conversation, [message], this.#deps.clock.now()), { settle, onText }, undefined);
  }

  #replace(before: Conversation, asked: Conversation, edited?: string): void {
    const gone = before.messages.slice(asked.messages.length);
    this.#held = false;
    const nobody = { settle: () => undefined, onText: undefined };
    this.#begin(asked, nobody, holdsContent(gone) ? { before, edited } : undefined);
    this.#deps.onChange();
  }

  /** @param asked the conversation up to the message to answer */
  #begin(
    asked: Conversation,
    asker: Pick<Running, 'settle' | 'onText'>,
    replaced: Running['replaced'],
  ): void {
    const { book, runner, clock, newId } = this.#deps;
    const answer = newAnswer(newId());
    const running: Running = {
      ...{ conversationId: asked.id, answerId: answer.id, replaced, ...asker },
      ...{ abort: new AbortController(), stopping: false, startedAt: clock.now(), ended: Promise.resolve() },
    };
    this.#running = running;
    book.put(append(asked, [answer], clock.now()), replaced === undefined);
    // What the person wrote is on disk before a model is asked.
    if (replaced === undefined) void book.flush();
    const change = (changed: (conversation: Conversation) => Conversation): void => {
      const conversation = book.get(asked.id);
      if (conversation === undefined) return;
      book.put(changed(conversation), running.replaced === undefined);
      this.#deps.onChange();
    };
    const sink: TurnSink = {
      answer: (next) => this.#alter(running, next),
      memory: (memory) => change((conversation) => ({ ...conversation, memory })),
      attachments: (messageId, attachments) =>
        change((conversation) => replaceAttachments(conversation, messageId, attachments)),
    };
    running.ended = runner.run(asked, sink, running.abort.signal).then((change) => {
      this.#finish(running, change);
    });
  }

  #alter(running: Running, change: AnswerChange): void {
    const { book, onProgress } = this.#deps;
    const conversation = book.get(running.conversationId);
    if (conversation === undefined || this.#running !== running) return;
    const status = running.stopping ? { kind: 'stopping' as const } : change.status;
    const next = updateAnswer(conversation, running.answerId, {
      ...change,
      ...(status && { status }),
    });
    const answer = findAnswer(next, running.answerId);
    if (answer === undefined) return;
    if (holdsContent([answer])) running.replaced = undefined;
    book.put(next, running.replaced === undefined);
    onProgress(answer, next);
    if (change.text !== undefined) running.onText?.(answer.text);
  }

  #finish(running: Running, change: AnswerChange): void {
    const { book, clock, onChange, onEnd } = this.#deps;
    const { conversationId, answerId, startedAt, settle } = running;
    this.#running = undefined;
    const conversation = book.get(conversationId);
    const changed = conversation && updateAnswer({ ...conversation, updated: clock.now() }, answerId, change);
    const answer = changed && findAnswer(changed, answerId);
    if (changed === undefined || answer === undefined) {
      settle({ kind: 'cancelled', text: '' });
      this.#next();
      return;
    }
    if (!this.#bringBack(running, answer)) book.put(changed, true);
    if (this.#disposed) {
      book.dispose();
      return;
    }
    void book.flush();
    onEnd(answer, changed, (clock.now() - startedAt) / 1000);
    settle(resultOf(answer));
    if (answer.status.kind === 'failed' && !answer.refused) this.#hold();
    this.#next();
    onChange();
  }

  /** An attempt to replace messages that came to nothing is undone. An edit that was stopped stands. */
  #bringBack({ replaced }: Running, answer: Answer): boolean {
    const { status } = answer;
    if (replaced === undefined || holdsContent([answer])) return false;
    const stopped = status.kind === 'done' && status.stopReason === 'cancelled';
    if (status.kind !== 'failed' && !(stopped && replaced.edited === undefined)) return false;
    this.#deps.book.put(replaced.before, true);
    this.#deps.onBroughtBack(status.kind === 'failed' ? status.message : undefined, replaced.edited);
    return true;
  }

  /** What waits may do so for ever: who asked for it is told now, and the answer still comes into the chat. */
  #hold(): void {
    this.#held = true;
    for (const prompt of this.#queue) {
      prompt.settle({ kind: 'failed' });
      prompt.settle = () => undefined;
    }
  }

  async #endRunning(): Promise<void> {
    while (this.#running !== undefined) {
      // What waits must not start in between.
      this.#held = true;
      this.stop();
      await this.#running.ended;
    }
    this.#held = false;
  }
}

function resultOf({ status, text }: Answer): AskResult {
  if (status.kind === 'failed') return { kind: 'failed' };
  const reason = status.kind === 'done' ? status.stopReason : 'end';
  if (reason === 'cancelled') return { kind: 'cancelled', text };
  return { kind: 'answered', text, ...(reason !== 'end' && { cutAt: reason }) };
}
