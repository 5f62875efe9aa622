import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../contributions';
import { blockEnd, declaredName, type SymbolRange } from '../edit/declarations';
import { symbolRanges } from '../edit/documentSymbols';
import { parseLines } from '../edit/textLines';

/** Of a block shorter than this there is little to say. Lines. */
const fewestLines = 3;
/** Where a file has more, lenses are noise. */
const mostLenses = 200;

/** What may be asked of each function and class, above it. */
export async function functionLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
  const known = await symbolRanges(document.uri);
  const starts = known.length > 0 ? blockStarts(known) : declaredLines(document.getText());
  return starts.slice(0, mostLenses).flatMap((line) => {
    const lens = (title: string, command: CommandId) =>
      new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
        ...{ title, command, arguments: [document.uri, line] },
      });
    return [
      lens(vscode.l10n.t('Explain'), commandIds.explain),
      lens(vscode.l10n.t('Document'), commandIds.document),
      lens(vscode.l10n.t('Write Tests'), commandIds.writeTests),
    ];
  });
}

function blockStarts(symbols: readonly SymbolRange[]): number[] {
  const blocks = symbols.filter(
    ({ isBlock, startLine, endLine }) => isBlock && endLine - startLine + 1 >= fewestLines,
  );
  return [...new Set(blocks.map(({ startLine }) => startLine))].sort((a, b) => a - b);
}

/** Without a language server: by the text alone. */
function declaredLines(text: string): number[] {
  const { lines } = parseLines(text);
  return lines.flatMap((line, index) =>
    declaredName(line) !== undefined && blockEnd(lines, index) - index + 1 >= fewestLines ? [index] : [],
  );
}
