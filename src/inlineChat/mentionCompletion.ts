import * as vscode from 'vscode';
import type { ContextSources, MentionOffer } from '../context/contextSources';
import { typedTrigger } from '../protocol/mentions';
import { isInput } from './threadInput';

const { File, Folder, Reference, Snippet } = vscode.CompletionItemKind;
const kinds: Partial<Record<MentionOffer['kind'], vscode.CompletionItemKind>> = {
  file: File,
  folder: Folder,
  symbol: Reference,
};

/** Completes what can be named in the input of a thread: what begins with "@". */
export function registerMentionCompletion(sources: Pick<ContextSources, 'offers'>): vscode.Disposable {
  const provider: vscode.CompletionItemProvider = {
    async provideCompletionItems(document, position, token) {
      const before = document.lineAt(position.line).text.slice(0, position.character);
      const typed = isInput(document) ? typedTrigger(before) : '';
      if (!typed.startsWith('@')) return undefined;
      const abort = new AbortController();
      const canceled = token.onCancellationRequested(() => abort.abort());
      try {
        const offers = await sources.offers(typed, abort.signal);
        const range = new vscode.Range(position.translate(0, -typed.length), position);
        // Asked anew with each letter: only some of what there is comes at once.
        return new vscode.CompletionList(
          offers.map((offer, at) => itemOf(offer, range, at)),
          true,
        );
      } finally {
        canceled.dispose();
      }
    },
  };
  return vscode.languages.registerCompletionItemProvider(
    { scheme: 'comment' },
    provider,
    ...['@', ':', '/', '.', '"'],
  );
}

function itemOf(
  { insert, label, detail, kind }: MentionOffer,
  range: vscode.Range,
  at: number,
): vscode.CompletionItem {
  const goesOn = insert.endsWith(':');
  const item = new vscode.CompletionItem({ label, description: detail }, kinds[kind] ?? Snippet);
  item.insertText = goesOn ? insert : `${insert} `;
  item.range = range;
  item.filterText = insert;
  item.sortText = String(at).padStart(4, '0');
  if (goesOn) item.command = { title: '', command: 'editor.action.triggerSuggest' };
  return item;
}
