import * as vscode from 'vscode';
import type { ModelAsker, PromptCost } from '../ask/modelAsker';
import { makeAttachment } from '../chat/attachments';
import { renderAttachment } from '../chat/attachmentText';
import type { Attachment } from '../chat/chatApi';
import { systemClock } from '../chat/clock';
import { isRunning, type Message, type UserMessage } from '../chat/conversation';
import type { TurnRunner } from '../chat/turnRunner';
import type { AskedCode } from '../commands/askedCode';
import type { ContextSources } from '../context/contextSources';
import type { AnswerEdits, ShownFile } from '../edit/answerEdits';
import type { AskedLines } from '../edit/askedLines';
import { parseLines } from '../edit/textLines';
import type { InlineSubject } from '../prompts/inlinePrompt';
import { InlineConversation, type Prepared } from './inlineConversation';
import { moveLines } from './moveLines';
import { NamedContext } from './namedContext';
import { Pace } from './pace';
import { InlineComment } from './inlineComment';
import { inlineEdits } from './inlineEdits';
import { shownLines } from './subject';
import { threadComments } from './threadComments';
import { threadLabel } from './threadWords';

/** The editor draws a thread once nothing has changed for 100 ms: changes that come faster would never show. */
const drawEvery = 130;
/** A person who writes on need not see each word's cost. Milliseconds. */
const typingPause = 300;
/** So much code in an answer is surely the code that is asked about. */
const tellingCode = { lines: 3, characters: 40 };

export interface InlineThreadDeps {
  createThread: (uri: vscode.Uri, range: vscode.Range) => vscode.CommentThread;
  runner: Pick<TurnRunner, 'run'>;
  asker: Pick<ModelAsker, 'cost'>;
  sources: Pick<ContextSources, 'resolve'>;
  newId: () => string;
  /** In words; undefined for a cancel. */
  describe: (error: unknown) => string | undefined;
  /** What its prompts begin with. */
  system: () => string;
  subject: InlineSubject;
  /** What can be done with the thread has changed. */
  onChange: () => void;
}

/** A conversation about some lines, shown as a thread of comments below them. */
export class InlineThread {
  readonly uri: vscode.Uri;
  readonly thread: vscode.CommentThread;
  readonly conversation: InlineConversation;
  /** The editor's document of the input; another one after its widget was made anew. */
  input: vscode.TextDocument | undefined;
  readonly #deps: InlineThreadDeps;
  readonly #languageId: string;
  readonly #label: string;
  #lines: AskedLines;
  /** The lines as the model was shown them last, with a question. */
  #known: { text: string; questionId: string } | undefined;
  readonly #named: NamedContext;
  readonly #problems = new Map<string, readonly string[]>();
  readonly #shown = new Map<string, readonly ShownFile[]>();
  readonly #edits = new Map<string, AnswerEdits>();
  readonly #comments = new Map<string, InlineComment>();
  readonly #pace = new Pace(systemClock, drawEvery, () => this.#draw());
  #typed = '';
  #callOffTyping: (() => void) | undefined;
  #cost: PromptCost | undefined;
  #counting = 0;

  constructor(deps: InlineThreadDeps, code: AskedCode) {
    this.#deps = deps;
    this.uri = code.uri;
    this.#languageId = code.languageId;
    this.#lines = code.lines;
    this.#named = new NamedContext(deps.sources);
    this.#label = this.#attachment(code.text, code.lines).label;
    this.conversation = new InlineConversation({
      ...{ runner: deps.runner, newId: deps.newId, describe: deps.describe, now: () => systemClock.now() },
      onChange: () => this.#pace.request(),
    });
    this.thread = deps.createThread(code.uri, this.range);
    this.thread.canReply = true;
    this.thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    this.#pace.request();
    this.count();
  }

  /** The lines that are asked about, as they are now. */
  get range(): vscode.Range {
    return new vscode.Range(this.#lines.start, 0, this.#lines.end, 0);
  }

  /** What the last answer changes; undefined where it changes nothing, and while one is being made. */
  get edits(): AnswerEdits | undefined {
    const last = this.conversation.messages.at(-1);
    const edits = last === undefined ? undefined : this.#edits.get(last.id);
    return edits === undefined || edits.changes.length === 0 ? undefined : edits;
  }

  /** What was asked last. */
  get question(): string {
    return this.conversation.messages.findLast(({ role }) => role === 'user')?.text ?? '';
  }

  get empty(): boolean {
    return this.conversation.messages.length === 0;
  }

  /** The file has changed. */
  moved(changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    // The editor names the last one in the file first.
    for (const change of changes) this.#lines = moveLines(this.#lines, change);
  }

  /** The message that is being written is now this. */
  typed(text: string): void {
    this.#typed = text;
    this.#callOffTyping?.();
    this.#callOffTyping = systemClock.after(typingPause, () => this.count());
  }

  /** The editor leaves code in comments in the colours of the theme that it was drawn in. */
  redraw(): void {
    this.#pace.request();
  }

  /** Counts anew what sending would cost, in the background. */
  count(): void {
    const run = ++this.#counting;
    this.#price().then(
      (cost) => {
        if (run !== this.#counting) return;
        this.#cost = cost;
        this.#pace.request();
      },
      // The model may have gone meanwhile: it is counted again with the next one.
      () => undefined,
    );
  }

  /** Asks, and settles when the answer has ended, whatever became of it. */
  async send(text: string): Promise<void> {
    this.#typed = '';
    this.#callOffTyping?.();
    const answer = await this.conversation.ask(text, (question) => this.#prepare(question));
    if (answer.refused) this.#known = undefined;
    const ended = answer.status.kind === 'done' && answer.status.stopReason === 'end';
    // An answer that was cut off would take away what it did not come to.
    if (ended) this.#edits.set(answer.id, inlineEdits(answer.text, this.#shown.get(answer.id) ?? [], text));
    this.#pace.request();
    this.count();
  }

  dispose(): void {
    this.#callOffTyping?.();
    this.#pace.dispose();
    this.conversation.stop();
    this.thread.dispose();
  }

  async #prepare(question: UserMessage): Promise<Prepared> {
    const { text, attachments, problems } = await this.#named.take(question.text);
    this.#problems.set(question.id, problems);
    const document = await vscode.workspace.openTextDocument(this.uri);
    const whole = document.getText();
    const selection = this.#selection(whole);
    const shown: ShownFile = {
      ...{ uri: selection.uri, path: selection.path, languageId: this.#languageId, text: whole },
      lines: this.#lines,
    };
    const files = attachments.flatMap((each) => shownFile(each, shown.uri));
    const { messages } = this.conversation;
    const answer = messages[messages.findIndex(({ id }) => id === question.id) + 1];
    if (answer !== undefined) this.#shown.set(answer.id, [shown, ...files]);
    const again = () => {
      if (this.#knows(selection)) return undefined;
      this.#known = { text: selection.text, questionId: question.id };
      return selection;
    };
    const unknown = again();
    return { text, attachments: unknown === undefined ? attachments : [...attachments, unknown], again };
  }

  async #price(): Promise<PromptCost | undefined> {
    const text = this.#typed;
    const named = await this.#named.preview(text);
    const document = await vscode.workspace.openTextDocument(this.uri);
    const selection = this.#selection(document.getText());
    const parts = [
      this.empty ? this.#deps.system() : '',
      ...named.map(renderAttachment),
      this.#knows(selection) ? '' : renderAttachment(selection),
      text,
    ].filter((part) => part !== '');
    const costs = await this.#deps.asker.cost(parts);
    return costs?.reduce<PromptCost>(
      (sum, { tokens, seconds }) => ({
        tokens: sum.tokens + tokens,
        seconds: sum.seconds === undefined || seconds === undefined ? undefined : sum.seconds + seconds,
      }),
      { tokens: 0, seconds: 0 },
    );
  }

  /** What the model is to be shown of the file. */
  #selection(text: string): Attachment {
    const { length } = parseLines(text).lines;
    return this.#attachment(text, shownLines(this.#deps.subject, this.#lines, length));
  }

  #attachment(text: string, { start, end }: AskedLines): Attachment {
    return makeAttachment({
      ...{ id: this.#deps.newId(), languageId: this.#languageId, text },
      path: vscode.workspace.asRelativePath(this.uri),
      uri: this.uri.toString(),
      selection: { start: { line: start, character: 0 }, end: { line: end + 1, character: 0 } },
    });
  }

  /** What the model has been shown, or has written itself, is not read again, as long as it is in its context. */
  #knows({ text }: Attachment): boolean {
    const { kept } = this.conversation;
    const known = this.#known;
    if (text === known?.text && kept.some(({ id }) => id === known.questionId)) return true;
    // A few words are in many an answer, which may be about something else.
    if (text.length < tellingCode.characters || parseLines(text).lines.length < tellingCode.lines)
      return false;
    return kept.some((message) => message.role === 'assistant' && message.text.includes(text));
  }

  #draw(): void {
    const { messages } = this.conversation;
    const notes = { problems: this.#problems, edits: this.#edits };
    const comments = threadComments(vscode.l10n.t, messages, notes).map((shown) => {
      const comment = this.#comments.get(shown.id) ?? new InlineComment(shown);
      this.#comments.set(shown.id, comment);
      comment.show(shown);
      return comment;
    });
    this.thread.comments = comments;
    const last = messages.at(-1);
    const writing = this.#typed !== '' && !runs(last);
    const answer = last?.role === 'assistant' && !writing ? last : undefined;
    this.thread.label = threadLabel(vscode.l10n.t, this.#label, answer, this.#cost);
    this.thread.contextValue = [
      this.empty ? 'new' : 'turns',
      runs(last) ? 'running' : 'idle',
      ...(this.edits === undefined ? [] : ['edit']),
    ].join(' ');
    this.#deps.onChange();
  }
}

function runs(message: Message | undefined): boolean {
  return message?.role === 'assistant' && isRunning(message.status);
}

/** A file that was named as a whole can be changed too. */
function shownFile({ uri, path, languageId, text, lines }: Attachment, asked: string): ShownFile[] {
  const isFile = vscode.Uri.parse(uri).scheme === vscode.Uri.parse(asked).scheme;
  return lines === undefined && isFile && uri !== asked ? [{ uri, path, languageId, text }] : [];
}
