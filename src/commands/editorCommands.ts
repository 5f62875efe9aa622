import * as vscode from 'vscode';
import { makeAttachment } from '../chat/attachments';
import type { Asker, Attachment } from '../chat/chatApi';
import type { CommandName } from '../contributions';
import type { EditorTracker } from '../edit/editorTracker';
import { proposalFrom } from '../edit/proposal';
import type { OpenReview } from '../edit/reviewRequest';
import { UserError } from '../errors';
import { editorMessage, editorPrompts, type EditorPromptName } from '../prompts/prompts';
import { askedCode, problemsIn, type AskedCode } from './askedCode';

export type EditorCommandName = Extract<
  CommandName,
  'askAboutSelection' | 'explain' | 'fix' | 'refactor' | 'writeTests' | 'document' | 'editWithInstruction'
>;

export interface EditorCommandsDeps {
  editors: EditorTracker;
  asker: Asker;
  openReview: OpenReview;
  newId: () => string;
  /** `vscode.window.showInputBox`; undefined: dismissed. */
  askPerson: (options: { prompt: string; placeHolder: string }) => PromiseLike<string | undefined>;
}

/** The commands on selected code. Each asks in the chat; some then open a review with the code of the answer. */
export class EditorCommands {
  constructor(private readonly deps: EditorCommandsDeps) {}

  readonly handlers: Readonly<Record<EditorCommandName, () => Promise<void>>> = {
    askAboutSelection: () =>
      this.runTyped('ask', (label) => ({
        prompt: vscode.l10n.t('Ask about {0}', label),
        placeHolder: vscode.l10n.t('What does this do when the list is empty?'),
      })),
    explain: () => this.run('explain', vscode.l10n.t('Explain')),
    fix: () => this.run('fix', vscode.l10n.t('Fix')),
    refactor: () => this.run('refactor', vscode.l10n.t('Refactor')),
    writeTests: () => this.run('writeTests', vscode.l10n.t('Write tests')),
    document: () => this.run('document', vscode.l10n.t('Document')),
    editWithInstruction: () =>
      this.runTyped('edit', (label) => ({
        prompt: vscode.l10n.t('Change {0}', label),
        placeHolder: vscode.l10n.t('Return early when the list is empty'),
      })),
  };

  /** @param title what the review says the change does */
  private async run(name: EditorPromptName, title: string): Promise<void> {
    await this.ask(name, title, '', await this.asked());
  }

  private async runTyped(
    name: EditorPromptName,
    question: (label: string) => { prompt: string; placeHolder: string },
  ): Promise<void> {
    // What is asked about is settled before typing: focus and selection may change meanwhile.
    const code = await this.asked();
    const typed = (await this.deps.askPerson(question(this.attachment(code).label)))?.trim();
    if (typed !== undefined && typed !== '') await this.ask(name, typed, typed, code);
  }

  private asked(): Promise<AskedCode> {
    const editor = this.deps.editors.current;
    if (editor === undefined) throw new UserError(vscode.l10n.t('Open a file first.'));
    return askedCode(editor);
  }

  private async ask(name: EditorPromptName, title: string, typed: string, code: AskedCode): Promise<void> {
    const text = editorMessage(name, typed, name === 'fix' ? problemsIn(code) : []);
    const result = await this.deps.asker.ask({ text, attachments: [this.attachment(code)] });
    if (result.kind !== 'answered' || editorPrompts[name].answer === 'prose') return;
    const proposed = proposalFrom(result.text, code.languageId, code.text, code.lines);
    if (proposed === undefined) {
      throw new UserError(
        vscode.l10n.t('The answer holds no code, so nothing can be changed. You can read it in the chat.'),
      );
    }
    await this.deps.openReview({ uri: code.uri, original: code.text, proposed, title });
  }

  private attachment({ uri, languageId, text, lines }: AskedCode): Attachment {
    return makeAttachment({
      ...{ id: this.deps.newId(), languageId, text },
      path: vscode.workspace.asRelativePath(uri),
      uri: uri.toString(),
      selection: { start: { line: lines.start, character: 0 }, end: { line: lines.end + 1, character: 0 } },
    });
  }
}
