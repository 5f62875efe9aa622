import * as vscode from 'vscode';
import { escapeMarkdown } from '../status/format';
import type { ThreadComment } from './threadComments';

/** The same object for as long as the comment is shown: another one would lose what is selected in it. */
export class InlineComment implements vscode.Comment {
  readonly id: string;
  readonly mode = vscode.CommentMode.Preview;
  readonly author: vscode.CommentAuthorInformation;
  body = new vscode.MarkdownString();
  #shown = '';

  constructor({ id, from }: ThreadComment) {
    this.id = id;
    this.author = { name: from === 'person' ? vscode.l10n.t('You') : 'Layercake' };
  }

  show({ body, notes }: ThreadComment): void {
    const now = JSON.stringify([body, notes]);
    if (now === this.#shown) return;
    this.#shown = now;
    // Not trusted: no link in an answer runs a command.
    const text = new vscode.MarkdownString();
    if (body.kind === 'text') text.appendText(body.text);
    else text.appendMarkdown(body.text);
    for (const note of notes) text.appendMarkdown(`\n\n---\n\n*${escapeMarkdown(note)}*`);
    this.body = text;
  }
}
