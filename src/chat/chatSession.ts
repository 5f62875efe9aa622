import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { ContextBudget } from '../context/contextBudget';
import type { Engine, EngineSnapshot } from '../engineClient/engine';
import type {
  ChatEvent,
  ChatSnapshot,
  ComposerOffer,
  ConversationSummary,
  EngineView,
} from '../protocol/webview';
import { AnswerDesk } from './answerDesk';
import { AnswerStream } from './answerStream';
import type { Asker, AskRequest, AskResult, Attachment } from './chatApi';
import { conversationView } from './chatSnapshot';
import { ComposerSources, type ComposerSource } from './composerSources';
import { append, rename, type Answer, type Conversation, type Message } from './conversation';
import { ConversationBook } from './conversationBook';
import { ConversationStore } from './conversationStore';
import { Drafts } from './drafts';
import { exportMarkdown } from './exportMarkdown';
import { Notices } from './notices';
import { PromptPrefix, maxAgentsBytes, type AgentsFile } from './promptPrefix';
import { TokenMeter } from './tokenMeter';
import { TurnRunner, type TurnRunnerDeps } from './turnRunner';

export interface ChatSessionDeps extends Omit<TurnRunnerDeps, 'prefix' | 'engine' | 'budget'> {
  engine: Engine;
  /** Folder of the conversations. */
  folder: string;
  /** False where other windows use the same folder: two of them in one conversation would write over each other. */
  reopenLast: boolean;
  engineView: () => EngineView;
  /** The fixed prefix of every prompt. */
  systemPrompt: string;
  /** AGENTS.md of the trusted workspace; undefined: none. */
  readAgents: () => Promise<AgentsFile | undefined>;
  /** Brings the chat view to the front. */
  reveal: () => Promise<void>;
  /** Tells of an answer in a window that is not focused. */
  notify: (message: string) => void;
  isFocused: () => boolean;
  newId: () => string;
}

/** Least time between two events about the engine while it stays in one state. Milliseconds. */
const engineEventDelay = 250;

/**
 * The chat without its page: the open conversation, the message being written, the running answer. Each change is an
 * event for the page. What a person wrote is in the conversation, and on its way to disk, before a model is asked.
 */
export class ChatSession implements Asker {
  readonly #deps: ChatSessionDeps;
  readonly #events = new Emitter<ChatEvent>();
  readonly #book: ConversationBook;
  readonly #desk: AnswerDesk;
  readonly #meter: TokenMeter;
  readonly #stream: AnswerStream;
  readonly #notices: Notices;
  readonly #subscription: { dispose(): void };
  readonly #drafts = new Drafts();
  readonly #sources = new ComposerSources();
  /** Messages go out in the order in which they were sent, however long their files take to be read. */
  #sending: Promise<unknown> = Promise.resolve();
  #starting: Promise<void> | undefined;

  constructor(deps: ChatSessionDeps) {
    this.#deps = deps;
    const { engine, folder, words, log, clock, newId, read, readAgents, systemPrompt, rate } = deps;
    const budget = new ContextBudget({ engine, rate, read });
    const onChange = (): void => this.#changed();
    this.#notices = new Notices(newId, onChange);
    const onProblem = (message: string): void => this.#notices.add(message);
    const store = new ConversationStore({ folder, words, log, onProblem });
    this.#book = new ConversationBook(store, clock, newId, words.newConversation);
    const onTruncated = (): void => this.#notices.addOnce(words.agentsTruncated(maxAgentsBytes / 1024));
    const prefix = new PromptPrefix({ base: systemPrompt, read, readAgents, onTruncated });
    this.#meter = new TokenMeter({ ...deps, prefix, budget, onChange });
    this.#stream = new AnswerStream(clock, (event) => this.#fire(event));
    this.#desk = new AnswerDesk({
      ...{ book: this.#book, clock, newId, onChange },
      runner: new TurnRunner({ ...deps, budget, prefix: async () => (await prefix.build()).message }),
      onProgress: (answer, { id }) => {
        if (id === this.#book.current.id) this.#stream.update(answer);
      },
      onEnd: (answer, conversation, seconds) => this.#ended(answer, conversation, seconds),
      onBroughtBack: (failure, edited) => {
        if (failure !== undefined) this.#notices.add(words.broughtBack(failure));
        if (edited !== undefined) this.focusInput(edited);
      },
    });
    this.#subscription = this.#watchEngine();
  }

  get onEvent(): Event<ChatEvent> {
    return this.#events.event;
  }

  /** Reads the conversations from disk. Later calls wait for the first; all else here waits for it too. */
  start(): Promise<void> {
    this.#starting ??= this.#book.load(this.#deps.reopenLast).then(() => this.#opened());
    return this.#starting;
  }

  /** All that the page shows. Pieces of the running answer go on from it. */
  snapshot(): ChatSnapshot {
    const { current } = this.#book;
    const view = this.#meter.view.bind(this.#meter);
    this.#stream.resync(this.#desk.runningAnswer(current));
    return {
      kind: 'snapshot',
      engine: this.#deps.engineView(),
      conversation: conversationView(current, view),
      conversations: this.#book.list(),
      attachments: this.#drafts.list.map(view),
      budget: this.#meter.budget(this.#drafts),
      queue: this.#desk.queued(current.id),
      context: this.#meter.context(current),
      notices: this.#notices.list(),
    };
  }

  get current(): Conversation {
    return this.#book.current;
  }

  conversations(): ConversationSummary[] {
    return this.#book.list();
  }

  /**
   * Sends what was written, with the chips and what it names. While an answer runs it waits its turn. False where
   * something that it names cannot be had: then it is back in the input.
   */
  send(text: string): Promise<boolean> {
    const sent = this.#sending.then(() => this.#send(text));
    this.#sending = sent.catch(() => undefined);
    return sent;
  }

  /** Has the input complete names, and messages hold what they stand for. */
  addSource(source: ComposerSource): { dispose(): void } {
    return this.#sources.add(source);
  }

  /** What completes the name that is being typed. */
  complete(typed: string, signal: AbortSignal): Promise<ComposerOffer[]> {
    return this.#sources.offers(typed, signal);
  }

  /** Whether the chips of this message are sent whole, also where they exceed the budget. */
  sendWhole(whole: boolean): void {
    this.#drafts.whole = whole;
    this.#changed();
  }

  /** Adds chips for what a text names. A message that is sent meanwhile waits for them. */
  mention(text: string): Promise<void> {
    const done = this.#sending.then(() => this.#mention(text));
    this.#sending = done.catch(() => undefined);
    return done;
  }

  async ask(request: AskRequest): Promise<AskResult> {
    await this.start();
    const answered = new Promise<AskResult>((settle) => this.#desk.enqueue(request, settle));
    await this.#deps.reveal().catch((error: unknown) => {
      this.#deps.log.warn(`the chat view did not open: ${String(error)}`);
    });
    return answered;
  }

  /** Stops the running answer; what came stays. False where none runs. */
  stop(): boolean {
    return this.#desk.stop();
  }

  /** Makes an answer anew; it and all after it go. */
  async retry(answerId: string): Promise<void> {
    await this.start();
    await this.#desk.retry(answerId);
  }

  /** Replaces a message of the person's; all after it go. */
  async editAndResend(messageId: string, text: string): Promise<void> {
    await this.start();
    const resolved = await this.#sources.resolve(text);
    if (resolved.problems.length > 0) {
      for (const problem of resolved.problems) this.#notices.add(problem);
      // The page has left the editor of the message: what was typed goes on in the input.
      this.focusInput(text);
      this.#opened();
      return;
    }
    if (resolved.text.trim() === '') return;
    await this.#desk.editAndResend(messageId, resolved.text, resolved.attachments);
  }

  removeQueued(id: string): void {
    this.#desk.removeQueued((prompt) => prompt.id === id);
    this.#changed();
  }

  /** Adds a chip; one of the same lines is replaced. */
  attach(attachment: Attachment): void {
    this.#drafts.attach(attachment);
    this.#opened();
  }

  removeAttachment(id: string): void {
    this.#drafts.remove(id);
    this.#changed();
  }

  /** Shows a message above the conversation until it is dismissed. */
  addNotice(text: string): void {
    this.#notices.add(text);
  }

  dismissNotice(id: string): void {
    this.#notices.dismiss(id);
  }

  /** Moves the focus to the page's input. */
  focusInput(text?: string): void {
    this.#fire({ kind: 'focusInput', text });
  }

  async newConversation(): Promise<void> {
    await this.start();
    this.#book.openNew();
    this.#opened();
  }

  /** Goes on with turns from elsewhere, in a new conversation. */
  async adopt(messages: readonly Message[]): Promise<void> {
    await this.start();
    this.#book.openNew();
    this.#book.put(append(this.#book.current, messages, this.#deps.clock.now()), true);
    this.#opened();
  }

  async openConversation(id: string): Promise<void> {
    await this.start();
    await this.#book.open(id);
    this.#opened();
  }

  async renameConversation(id: string, title: string): Promise<void> {
    await this.start();
    const conversation = await this.#book.read(id);
    if (conversation !== undefined) this.#book.put(rename(conversation, title), true);
    this.#changed();
  }

  /** Rejects where the file cannot be taken away; the conversation then stays. */
  async deleteConversation(id: string): Promise<void> {
    await this.start();
    this.#desk.abandon(id);
    await this.#book.delete(id);
    const { engine, log } = this.#deps;
    // Not waited for: an engine may have a long answer to end first.
    engine.forget(id).catch((error: unknown) => {
      log.warn(`what the engine has saved of a deleted conversation may be left: ${String(error)}`);
    });
    this.#opened();
  }

  /** A conversation as Markdown; undefined where it cannot be read. */
  async exportConversation(id: string): Promise<{ title: string; markdown: string } | undefined> {
    await this.start();
    const conversation = await this.#book.read(id);
    if (conversation === undefined) return undefined;
    return {
      title: conversation.title,
      markdown: exportMarkdown(conversation, this.#deps.words.export),
    };
  }

  /** Ends the running answer, settles all who wait, and writes what is not on disk yet. */
  dispose(): void {
    this.#subscription.dispose();
    this.#desk.dispose();
    this.#stream.resync(undefined);
    this.#book.dispose();
    this.#events.dispose();
  }

  async #send(written: string): Promise<boolean> {
    await this.start();
    const { text, attachments, problems } = await this.#sources.resolve(written);
    for (const attachment of attachments) this.#drafts.attach(attachment);
    if (problems.length > 0) {
      // Without what it names the answer would be waited for in vain.
      for (const problem of problems) this.#notices.add(problem);
      this.focusInput(text);
      this.#opened();
      return false;
    }
    if (text.trim() === '' && this.#drafts.list.length === 0) return true;
    this.#desk.enqueue({ text, ...this.#drafts.take() }, () => undefined);
    return true;
  }

  async #mention(text: string): Promise<void> {
    const { attachments, problems } = await this.#sources.resolve(text);
    for (const problem of problems) this.#notices.add(problem);
    for (const attachment of attachments) this.attach(attachment);
  }

  #watchEngine(): { dispose(): void } {
    const { engine, engineView, clock } = this.#deps;
    const post = (): void => this.#fire({ kind: 'engine', engine: engineView() });
    const modelKey = ({ model }: EngineSnapshot): string => JSON.stringify([model?.path, model?.contextSize]);
    let key = modelKey(engine.snapshot);
    let kind = engine.snapshot.state.kind;
    let calledOff: (() => void) | undefined;
    return engine.onDidChange((snapshot) => {
      const newKey = modelKey(snapshot);
      if (snapshot.state.kind !== kind || newKey !== key) {
        post();
      } else {
        // Rates and progress change with each token.
        calledOff ??= clock.after(engineEventDelay, () => {
          calledOff = undefined;
          post();
        });
      }
      kind = snapshot.state.kind;
      if (newKey === key) return;
      key = newKey;
      this.#opened();
    });
  }

  #ended({ status }: Answer, { title }: Conversation, seconds: number): void {
    const { read, words, isFocused, notify } = this.#deps;
    this.#measure();
    const after = read('chat.notifyAfter');
    const stopped = status.kind === 'done' && status.stopReason === 'cancelled';
    if (after <= 0 || seconds <= after || stopped || isFocused()) return;
    notify(status.kind === 'failed' ? status.message : words.answered(title, seconds));
  }

  /** Another conversation, another model, or other chips: what is said of tokens follows. */
  #opened(): void {
    this.#measure();
    this.#changed();
  }

  #measure(): void {
    this.#meter.refresh(this.#book.current, this.#drafts.list, !this.#desk.busy);
  }

  #changed(): void {
    this.#fire(this.snapshot());
  }

  #fire(event: ChatEvent): void {
    this.#events.fire(event);
  }
}
