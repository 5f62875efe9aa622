import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { cutWords } from '../ask/cutAnswer';
import type { ModelAsker } from '../ask/modelAsker';
import { progressWords } from '../ask/progressWords';
import { renderAttachment } from '../chat/attachmentText';
import { makeAttachment } from '../chat/attachments';
import { askedCode, problemsIn, shownFileOf, type AskedCode } from '../commands/askedCode';
import { commandIds } from '../contributions';
import { answerEdits, type ShownFile } from '../edit/answerEdits';
import type { AnswerReviews } from '../edit/answerReview';
import type { EditorTracker } from '../edit/editorTracker';
import { describeError } from '../errorMessages';
import { CancelledError, UserError } from '../errors';
import type { Logger } from '../log';
import { participantPrompt } from '../prompts/participantPrompts';
import { systemPrompt } from '../prompts/prompts';
import type { ChatMessage } from '../protocol/engine';
import type { NamedCode } from './namedCode';
import type { RunningRequests } from './runningRequests';

export interface ParticipantDeps {
  asker: Pick<ModelAsker, 'ask'>;
  editors: Pick<EditorTracker, 'current'>;
  answers: Pick<AnswerReviews, 'begin'>;
  /** What is attached to a message. */
  named: Pick<NamedCode, 'of'>;
  running: RunningRequests;
  log: Logger;
}

/** What is kept of a turn with it, by the editor: the next one reads the same again, and finds it in the cache. */
const turnMetadata = v.object({ conversation: v.string(), asked: v.string(), answered: v.string() });
type TurnMetadata = v.InferOutput<typeof turnMetadata>;

/** An answer that changes code, for as long as it may be reviewed. */
interface Reviewable {
  answer: string;
  title: string;
  shown: ShownFile[];
}
/** Answers that may still be reviewed. */
const reviewableMost = 20;

/** `@layercake` in VS Code's own chat: the model in use answers, whatever model is picked there. */
export class Participant {
  readonly #reviewable = new Map<string, Reviewable>();

  constructor(private readonly deps: ParticipantDeps) {}

  async answer(
    request: vscode.ChatRequest,
    { history }: vscode.ChatContext,
    stream: vscode.ChatResponseStream,
    token: vscode.CancellationToken,
  ): Promise<vscode.ChatResult> {
    try {
      return await this.deps.running.during(token, (signal) =>
        this.#answer(request, history, stream, signal),
      );
    } catch (error) {
      if (CancelledError.is(error)) return {};
      const message = describeError(error)?.message ?? String(error);
      this.deps.log.warn(`@layercake: ${message}`);
      return { errorDetails: { message } };
    }
  }

  /** Opens the review of an answer whose button was pressed. */
  async review(id: unknown): Promise<void> {
    const answered = typeof id === 'string' ? this.#reviewable.get(id) : undefined;
    if (answered === undefined) {
      throw new UserError(
        vscode.l10n.t('This answer is too old to be reviewed. Ask again, and review the new answer.'),
      );
    }
    const { answer, title, shown } = answered;
    await this.deps.answers.begin({ title, shown }).end(answer);
  }

  async #answer(
    { command, prompt, references }: vscode.ChatRequest,
    history: vscode.ChatContext['history'],
    stream: vscode.ChatResponseStream,
    signal: AbortSignal,
  ): Promise<vscode.ChatResult> {
    const { asker } = this.deps;
    const { code: named, leftOut } = await this.deps.named.of(references);
    const { needsCode } = participantPrompt(command, prompt);
    // Other code than the one that was named would be a wrong answer.
    if (needsCode && named.length === 0 && leftOut.length > 0) throw new UserError(leftOut.join(' '));
    if (leftOut.length > 0) stream.markdown(`${leftOut.join(' ')}\n\n`);
    const code = needsCode && named.length === 0 ? [await this.#codeInEditor()] : named;
    const { message, changesCode } = participantPrompt(command, prompt, code.flatMap(problemsIn));
    const asked = [...code.map(rendered), message].filter((part) => part !== '').join('\n\n');
    if (asked === '')
      throw new UserError(vscode.l10n.t('Type a question, or choose a command after a slash.'));
    const before = turnsOf(history);
    const conversation = before.at(-1)?.conversation ?? randomUUID();
    const told = new Set<string>();
    const { text: answered, stopReason } = await asker.ask(
      { kind: 'chat', conversation, messages: messagesOf(before, asked) },
      (progress) => {
        if (progress.kind === 'text') {
          stream.markdown(progress.text);
          return;
        }
        // Each line stays in the answer: one of a kind is enough.
        if (progress.kind === 'prefill' && progress.tokensPerSecond === 0) return;
        if (told.has(progress.kind)) return;
        told.add(progress.kind);
        stream.progress(progressWords(vscode.l10n.t, progress));
      },
      signal,
    );
    const metadata: TurnMetadata = { conversation, asked, answered };
    const isCut = stopReason === 'maxTokens' || stopReason === 'contextFull';
    if (changesCode && isCut) return { metadata, errorDetails: { message: cutWords(stopReason) } };
    const shown = code.map(shownFileOf);
    if (changesCode && !signal.aborted && answerEdits(answered, shown, message).changes.length > 0) {
      const [title = ''] = message.split('\n');
      this.#offerReview({ answer: answered, title, shown }, stream);
    }
    return { metadata };
  }

  #codeInEditor(): Promise<AskedCode> {
    const editor = this.deps.editors.current;
    if (editor === undefined)
      throw new UserError(vscode.l10n.t('Open a file, or attach one to the message.'));
    return askedCode(editor);
  }

  #offerReview(answered: Reviewable, stream: vscode.ChatResponseStream): void {
    const id = randomUUID();
    this.#reviewable.set(id, answered);
    const [oldest] = this.#reviewable.keys();
    if (this.#reviewable.size > reviewableMost && oldest !== undefined) this.#reviewable.delete(oldest);
    stream.button({
      command: commandIds.reviewAnswer,
      title: vscode.l10n.t('Review Changes'),
      arguments: [id],
    });
  }
}

/** Its own turns, as they were. One that failed or was stopped has none. */
function turnsOf(history: vscode.ChatContext['history']): TurnMetadata[] {
  return history.flatMap((turn) => {
    const parsed = turn instanceof vscode.ChatResponseTurn && v.safeParse(turnMetadata, turn.result.metadata);
    return parsed && parsed.success && parsed.output.answered !== '' ? [parsed.output] : [];
  });
}

function messagesOf(before: readonly TurnMetadata[], asked: string): ChatMessage[] {
  return [
    { role: 'system', content: systemPrompt },
    ...before.flatMap((turn): ChatMessage[] => [
      { role: 'user', content: turn.asked },
      { role: 'assistant', content: turn.answered },
    ]),
    { role: 'user', content: asked },
  ];
}

function rendered({ uri, languageId, text, lines }: AskedCode): string {
  const isWhole = lines.start === 0 && lines.end >= text.split('\n').length - 1;
  const selection = {
    start: { line: lines.start, character: 0 },
    end: { line: lines.end + 1, character: 0 },
  };
  return renderAttachment(
    makeAttachment({
      ...{ id: '', languageId, text, uri: uri.toString(), path: vscode.workspace.asRelativePath(uri) },
      selection: isWhole ? undefined : selection,
    }),
  );
}
