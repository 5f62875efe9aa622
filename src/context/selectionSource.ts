import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import type { ActiveEditor } from '../chat/codeActions';
import { attachmentFrom } from '../chat/editorAttachment';
import { UserError } from '../errors';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';
import type { FileReader } from './fileReader';

/** "@selection": the lines that the selection touches. */
export class SelectionSource implements ContextSource {
  readonly kind = 'selection';

  constructor(
    private readonly editors: ActiveEditor,
    private readonly reader: FileReader,
  ) {}

  offers(): Promise<MentionOffer[]> {
    const editor = this.editors.current;
    if (editor === undefined || editor.selection.isEmpty) return Promise.resolve([]);
    const { label } = attachmentFrom(editor.document, editor.selection);
    const selection = vscode.l10n.t('Selection');
    return Promise.resolve([{ insert: '@selection', label: selection, detail: label, kind: this.kind }]);
  }

  async attach(): Promise<Attachment> {
    const editor = this.editors.current;
    if (editor === undefined || editor.selection.isEmpty) {
      throw new UserError(vscode.l10n.t('Nothing is selected in an editor.'));
    }
    const attachment = attachmentFrom(editor.document, editor.selection);
    await this.reader.allow(editor.document.uri, attachment.path);
    return { ...attachment, kind: this.kind };
  }
}
