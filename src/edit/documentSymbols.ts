import * as vscode from 'vscode';
import type { SymbolRange } from './declarations';

/** Kinds that a person means by "this function" or "this class". */
const blockKinds = new Set([
  vscode.SymbolKind.Class,
  vscode.SymbolKind.Constructor,
  vscode.SymbolKind.Enum,
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Interface,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Module,
  vscode.SymbolKind.Namespace,
  vscode.SymbolKind.Struct,
]);

/** A language server that still starts answers late: what is then known from the text alone serves too. */
const patienceMs = 1500;

/** All symbols of a document, outer ones first. None where no provider answers in time. */
export async function symbolRanges(uri: vscode.Uri): Promise<SymbolRange[]> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs, undefined));
  const asked = vscode.commands.executeCommand<
    (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
  >('vscode.executeDocumentSymbolProvider', uri);
  const symbols = await Promise.race([Promise.resolve(asked).catch(() => undefined), late]);
  return (symbols ?? []).flatMap(flatten);
}

function flatten(symbol: vscode.DocumentSymbol | vscode.SymbolInformation): SymbolRange[] {
  const range = 'range' in symbol ? symbol.range : symbol.location.range;
  const children = 'children' in symbol ? symbol.children.flatMap(flatten) : [];
  const own = {
    name: bareName(symbol.name),
    startLine: range.start.line,
    endLine: range.end.line,
    isBlock: blockKinds.has(symbol.kind),
  };
  return [own, ...children];
}

/** Some providers add parameters or the receiver to the name. */
function bareName(name: string): string {
  return /([\p{L}_$#][\p{L}\p{N}_$]*)\s*(?:\(.*)?$/u.exec(name.split('(')[0] ?? '')?.[1] ?? name;
}
