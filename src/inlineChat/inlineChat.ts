import * as vscode from 'vscode';
import type { ModelAsker } from '../ask/modelAsker';
import type { PrefillRate } from '../ask/prefillRate';
import type { ChatFeature } from '../chat/registerChat';
import type { ReadSetting } from '../chat/requestSettings';
import type { AskedCode } from '../commands/askedCode';
import type { ContextSources } from '../context/contextSources';
import { contextKeys, inlineChatId } from '../contributions';
import type { AnswerReviews } from '../edit/answerReview';
import type { EditorTracker } from '../edit/editorTracker';
import type { ReviewController } from '../edit/reviewController';
import type { Engine } from '../engineClient/engine';
import { UserError } from '../errors';
import { subLogger, type Logger } from '../log';
import type { ModelReadiness } from '../models/modelReadiness';
import { inlineCode } from './inlineCode';
import { InlineComment } from './inlineComment';
import { createThread } from './createThread';
import type { InlineThread } from './inlineThread';
import type { InlineHandlers } from './lazyInlineChat';
import { registerMentionCompletion } from './mentionCompletion';
import { emptied, fileEditor, focusedInput, focusInput, isInput, nextInput } from './threadInput';
import { withoutFence } from './withoutFence';

export interface InlineChatParts {
  engine: Engine;
  readiness: ModelReadiness;
  asker: Pick<ModelAsker, 'cost'>;
  rate: PrefillRate;
  read: ReadSetting;
  editors: EditorTracker;
  reviews: Pick<ReviewController, 'accept'>;
  answers: Pick<AnswerReviews, 'show'>;
  chat: Pick<ChatFeature, 'adopt'>;
  sources: ContextSources;
  log: Logger;
}

/** Conversations in the editor: each is a thread of comments below the lines that it is about. */
export class InlineChat {
  readonly #parts: InlineChatParts;
  readonly #log: Logger;
  readonly #controller: vscode.CommentController;
  readonly #disposables: readonly { dispose(): unknown }[];
  #threads: readonly InlineThread[] = [];
  /** The one that was used last. */
  #active: InlineThread | undefined;

  readonly handlers: InlineHandlers = {
    inlineChat: (argument) => this.#open(askOf(argument)),
    inlineSend: (reply) => this.#send(reply),
    inlineStop: (of) => this.#threadOf(of).conversation.stop(),
    inlineAccept: (of) => this.#accept(this.#threadOf(of)),
    inlineShowDiff: (of) => this.#showDiff(this.#threadOf(of)),
    inlineDiscard: (of) => this.#close(this.#threadOf(of)),
    inlineCopy: (comment) => this.#copy(comment),
    inlineOpenInChat: (of) => this.#openInChat(this.#threadOf(of)),
    inlineLeave: (of) => this.#leave(this.#threadOf(of)),
  };

  constructor(parts: InlineChatParts) {
    this.#parts = parts;
    this.#log = subLogger(parts.log, 'inline');
    this.#controller = vscode.comments.createCommentController(inlineChatId, 'Layercake');
    this.#controller.options = {
      prompt: vscode.l10n.t('Ask a follow-up question'),
      placeHolder: vscode.l10n.t('Ask, or say what to change. @ names files and more.'),
    };
    const { engine, sources } = parts;
    let modelPath = engine.snapshot.model?.path;
    this.#disposables = [
      this.#controller,
      registerMentionCompletion(sources),
      vscode.workspace.onDidChangeTextDocument((event) => this.#changed(event)),
      vscode.window.onDidChangeActiveTextEditor(() => this.#focused()),
      vscode.window.onDidChangeActiveColorTheme(() => {
        for (const thread of this.#threads) thread.redraw();
      }),
      engine.onDidChange(({ model }) => {
        if (model?.path === modelPath) return;
        modelPath = model?.path;
        for (const thread of this.#threads) thread.count();
      }),
    ];
  }

  /** Stops all answers; false where none is being made. */
  stop(): boolean {
    const running = this.#threads.filter(({ conversation }) => conversation.running);
    for (const { conversation } of running) conversation.stop();
    return running.length > 0;
  }

  dispose(): void {
    for (const thread of this.#threads) {
      thread.dispose();
      this.#forget(thread);
    }
    for (const part of this.#disposables) part.dispose();
  }

  /** Leads into the thread that is there already, else opens one below what is selected. */
  async #open(ask: string | undefined): Promise<void> {
    const thread = this.#there() ?? (await this.#openNew());
    await this.#focus(thread);
    if (ask !== undefined) this.#ask(thread, ask);
  }

  /** The thread with turns that the cursor is at; from an input, a menu or a terminal the one that was used last. */
  #there(): InlineThread | undefined {
    const editor = vscode.window.activeTextEditor;
    const away = editor === undefined || isInput(editor.document);
    const thread = away ? this.#active : this.#threadAt(editor.document.uri, editor.selection.active);
    return thread?.empty === false ? thread : undefined;
  }

  async #openNew(): Promise<InlineThread> {
    const target = this.#parts.editors.current;
    if (target === undefined) throw new UserError(vscode.l10n.t('Open a file first.'));
    if (target.document.uri.scheme === 'vscode-notebook-cell') {
      throw new UserError(vscode.l10n.t('Inline chat does not work in notebooks. Ask in the chat instead.'));
    }
    const code = await inlineCode(target);
    // The editor takes a thread without turns away by itself, and does not tell.
    for (const thread of this.#threads.filter(({ empty }) => empty)) this.#remove(thread);
    const input = nextInput();
    const thread = this.#create(code);
    thread.input = await input;
    if (thread.input !== undefined) return thread;
    this.#remove(thread);
    throw new UserError(
      vscode.l10n.t(
        'The editor shows no comments, which inline chat is made of. Run “Comments: Toggle Editor Commenting”, then try again.',
      ),
    );
  }

  #create(code: AskedCode): InlineThread {
    const thread = createThread(this.#parts, this.#controller, code, this.#log, () => this.#updateContext());
    this.#threads = [...this.#threads, thread];
    this.#active = thread;
    this.#updateContext();
    return thread;
  }

  #send(reply: unknown): void {
    const { text } = reply as vscode.CommentReply;
    const thread = this.#threadOf(reply);
    this.#active = thread;
    thread.input = focusedInput() ?? thread.input;
    if (text.trim() === '') return;
    this.#ask(thread, text);
    this.#focusAgain(thread).catch((error: unknown) => {
      this.#log.warn(`the focus stays away: ${String(error)}`);
    });
  }

  /** Not waited for: what becomes of it stands in the thread, and the input stays as it is until the command ends. */
  #ask(thread: InlineThread, text: string): void {
    thread.send(text).catch((error: unknown) => this.#log.error(`an answer was lost: ${String(error)}`));
  }

  /** With what it sends, the editor takes the focus away. */
  async #focusAgain(thread: InlineThread): Promise<void> {
    await emptied(thread.input);
    await focusInput(thread.uri, thread.range);
  }

  async #accept(thread: InlineThread): Promise<void> {
    await this.#parts.reviews.accept(this.#editsOf(thread).changes);
    this.#close(thread);
    await fileEditor(thread.uri, true);
  }

  /** Back to the code: nothing that was said, or is being written, is lost. */
  async #leave(thread: InlineThread): Promise<void> {
    if (!thread.empty) thread.thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    else if (thread.input?.getText() === '') this.#remove(thread);
    await fileEditor(thread.uri, true);
  }

  async #showDiff(thread: InlineThread): Promise<void> {
    await this.#parts.answers.show(this.#editsOf(thread), thread.question);
  }

  async #openInChat(thread: InlineThread): Promise<void> {
    thread.conversation.stop();
    await thread.conversation.idle();
    await this.#parts.chat.adopt(thread.conversation.messages);
    this.#close(thread);
  }

  async #copy(comment: unknown): Promise<void> {
    const messages = this.#threads.flatMap(({ conversation }) => conversation.messages);
    const message = messages.find(({ id }) => comment instanceof InlineComment && comment.id === id);
    if (message !== undefined) await vscode.env.clipboard.writeText(withoutFence(message.text));
  }

  #editsOf(thread: InlineThread) {
    const { edits } = thread;
    if (edits !== undefined) return edits;
    throw new UserError(vscode.l10n.t('The last answer changes nothing.'));
  }

  #close(thread: InlineThread): void {
    this.#remove(thread);
    this.#forget(thread);
  }

  #forget(thread: InlineThread): void {
    this.#parts.engine.forget(thread.conversation.id).catch((error: unknown) => {
      this.#log.debug(`what the engine has saved of a thread may be left: ${String(error)}`);
    });
  }

  #remove(thread: InlineThread): void {
    thread.dispose();
    this.#threads = this.#threads.filter((each) => each !== thread);
    if (this.#active === thread) this.#active = this.#threads.at(-1);
    this.#updateContext();
  }

  async #focus(thread: InlineThread): Promise<void> {
    this.#active = thread;
    this.#updateContext();
    thread.thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    const input = thread.input?.isClosed === false ? thread.input : undefined;
    if (input === undefined || focusedInput() !== input) await focusInput(thread.uri, thread.range, input);
  }

  /** The one that a menu names: by itself, by a reply in it, or none; then the one that was used last. */
  #threadOf(named: unknown): InlineThread {
    const given = (named as Partial<vscode.CommentReply> | undefined)?.thread ?? named;
    const thread = this.#threads.find((each) => each.thread === given) ?? this.#active;
    if (thread === undefined) throw new UserError(vscode.l10n.t('No inline chat is open.'));
    return thread;
  }

  #threadAt(uri: vscode.Uri, { line }: vscode.Position): InlineThread | undefined {
    return this.#threads.findLast(
      ({ uri: of, range }) =>
        of.toString() === uri.toString() && range.start.line <= line && line <= range.end.line,
    );
  }

  #changed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (isInput(document)) {
      this.#threads.find(({ input }) => input === document)?.typed(document.getText());
      return;
    }
    const key = document.uri.toString();
    for (const thread of this.#threads) if (thread.uri.toString() === key) thread.moved(contentChanges);
  }

  #focused(): void {
    const input = focusedInput();
    if (input === undefined) return;
    const thread = this.#threads.find((each) => each.input === input) ?? this.#withoutInput();
    if (thread === undefined) return;
    thread.input = input;
    this.#active = thread;
    this.#updateContext();
  }

  /** The editor makes inputs anew with their editors, and does not tell whose they are: known where it can be one. */
  #withoutInput(): InlineThread | undefined {
    const shown = vscode.window.visibleTextEditors.map(({ document }) => document.uri.toString());
    const candidates = this.#threads.filter(
      ({ uri, input }) => input?.isClosed !== false && shown.includes(uri.toString()),
    );
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  #updateContext(): void {
    const set = (key: string, value: boolean) =>
      void vscode.commands.executeCommand('setContext', key, value);
    set(contextKeys.inlineChatOpen, this.#threads.length > 0);
    set(contextKeys.inlineChatEdit, this.#active?.edits !== undefined);
  }
}

/** What to ask at once, where a prompt opens a thread; menus hand over other things. */
function askOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('ask' in argument)) return undefined;
  return typeof argument.ask === 'string' ? argument.ask : undefined;
}
