import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { makeAttachment } from './attachments';
import type { Attachment } from './chatApi';

/** An attachment of the lines that `selection` touches; of the whole document where it is empty or absent. */
export function attachmentFrom(document: vscode.TextDocument, selection?: vscode.Range): Attachment {
  return makeAttachment({
    id: randomUUID(),
    path: vscode.workspace.asRelativePath(document.uri),
    uri: document.uri.toString(),
    languageId: document.languageId,
    text: document.getText(),
    selection,
  });
}
