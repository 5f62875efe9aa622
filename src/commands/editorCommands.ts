import * as vscode from 'vscode';
import { cutWords } from '../ask/cutAnswer';
import type { Asker } from '../chat/chatApi';
import type { CommandName } from '../contributions';
import type { AnswerReviews } from '../edit/answerReview';
import type { EditorTracker } from '../edit/editorTracker';
import { UserError } from '../errors';
import { documentationForm, editorMessage, editorPrompts, type EditorPromptName } from '../prompts/prompts';
import { askedFor, attachmentOf, problemsIn, shownFileOf, type AskedCode } from './askedCode';

export type EditorCommandName = Extract<
  CommandName,
  'askAboutSelection' | 'explain' | 'fix' | 'refactor' | 'document' | 'editWithInstruction'
>;

export interface EditorCommandsDeps {
  editors: EditorTracker;
  asker: Asker;
  answers: AnswerReviews;
  newId: () => string;
  /** `vscode.window.showInputBox`; undefined: dismissed. */
  askPerson: (options: { prompt: string; placeHolder: string }) => PromiseLike<string | undefined>;
}

/** The commands on selected code. Each asks in the chat; some then open a review with the code of the answer. */
export class EditorCommands {
  constructor(private readonly deps: EditorCommandsDeps) {}

  readonly handlers: Readonly<Record<EditorCommandName, (...args: unknown[]) => Promise<void>>> = {
    askAboutSelection: () =>
      this.runTyped('ask', (label) => ({
        prompt: vscode.l10n.t('Ask about {0}', label),
        placeHolder: vscode.l10n.t('What does this do when the list is empty?'),
      })),
    explain: (...args) => this.run('explain', vscode.l10n.t('Explain'), args),
    fix: () => this.run('fix', vscode.l10n.t('Fix')),
    refactor: () => this.run('refactor', vscode.l10n.t('Refactor')),
    document: (...args) => this.run('document', vscode.l10n.t('Document'), args),
    editWithInstruction: () =>
      this.runTyped('edit', (label) => ({
        prompt: vscode.l10n.t('Change {0}', label),
        placeHolder: vscode.l10n.t('Return early when the list is empty'),
      })),
  };

  /**
   * @param title what the review says the change does
   * @param args where a lens or a code action stands; else the code that a person works on is meant
   */
  private async run(name: EditorPromptName, title: string, args: readonly unknown[] = []): Promise<void> {
    await this.ask(name, title, '', await askedFor(args, this.deps.editors.current));
  }

  private async runTyped(
    name: EditorPromptName,
    question: (label: string) => { prompt: string; placeHolder: string },
  ): Promise<void> {
    // What is asked about is settled before typing: focus and selection may change meanwhile.
    const code = await askedFor([], this.deps.editors.current);
    const typed = (await this.deps.askPerson(question(attachmentOf(code, this.deps.newId()).label)))?.trim();
    if (typed !== undefined && typed !== '') await this.ask(name, typed, typed, code);
  }

  private async ask(name: EditorPromptName, title: string, typed: string, code: AskedCode): Promise<void> {
    const detail = name === 'document' ? documentationForm(code.languageId) : typed;
    const text = editorMessage(name, detail, name === 'fix' ? problemsIn(code) : []);
    const request = { text, attachments: [attachmentOf(code, this.deps.newId())] };
    if (editorPrompts[name].answer === 'prose') {
      await this.deps.asker.ask(request);
      return;
    }
    const review = this.deps.answers.begin({ shown: [shownFileOf(code)], title });
    const result = await this.deps.asker.ask({ ...request, onText: (soFar) => review.text(soFar) });
    const cutAt = result.kind === 'answered' ? result.cutAt : undefined;
    if (result.kind === 'answered' && cutAt === undefined) await review.end(result.text);
    else await review.cancel();
    if (cutAt !== undefined) throw new UserError(cutWords(cutAt));
  }
}
