import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import type { ActiveEditor } from '../chat/codeActions';
import { attachmentFrom } from '../chat/editorAttachment';
import { symbolRanges } from '../edit/documentSymbols';
import { UserError } from '../errors';
import { writeMention } from '../protocol/mentions';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';
import type { FileReader } from './fileReader';
import { uriOf } from './fileSource';
import type { ProjectFiles } from './projectFiles';
import { bestFits } from './rankPaths';

const maxOffers = 20;
/** A language server that still starts answers late. Milliseconds. */
const patience = 1500;

interface Found {
  name: string;
  uri: vscode.Uri;
  path: string;
  line: number;
}

/** "@symbol:src/queue.ts#Queue": a declaration; also by its name alone. */
export class SymbolSource implements ContextSource {
  readonly kind = 'symbol';

  constructor(
    private readonly project: ProjectFiles,
    private readonly editors: ActiveEditor,
    private readonly reader: FileReader,
  ) {}

  async offers(target: string, signal: AbortSignal): Promise<MentionOffer[]> {
    const typed = target.slice(target.lastIndexOf('#') + 1);
    const [here, everywhere] = await Promise.all([
      this.inEditor(),
      typed === '' ? [] : this.inWorkspace(typed),
    ]);
    if (signal.aborted) return [];
    const seen = new Set<string>();
    const all = [...here, ...everywhere].filter(({ name, path }) => {
      const key = `${path}#${name}`;
      return !seen.has(key) && seen.add(key);
    });
    return bestFits(typed, all, ({ name }) => name, maxOffers).map(({ name, path }) => ({
      ...{ insert: writeMention('symbol', `${path}#${name}`), label: name, detail: path, kind: this.kind },
    }));
  }

  async attach(target: string): Promise<Attachment> {
    const at = target.lastIndexOf('#');
    const name = target.slice(at + 1);
    const place = at < 0 ? await this.find(name) : { uri: await uriOf(target.slice(0, at)), line: undefined };
    if (place === undefined) throw new UserError(vscode.l10n.t('No symbol {0} was found.', name));
    const { uri, line } = place;
    const path = vscode.workspace.asRelativePath(uri);
    await this.reader.allow(uri, path);
    const document = await vscode.workspace.openTextDocument(uri);
    const named = (await symbolRanges(uri)).filter((each) => each.name === name);
    // Of overloads and namesakes the one that was found, else the first.
    const range =
      named.find((each) => line !== undefined && each.startLine <= line && line <= each.endLine) ?? named[0];
    if (range === undefined)
      throw new UserError(vscode.l10n.t('No symbol {0} was found in {1}.', name, path));
    const lines = new vscode.Range(
      range.startLine,
      0,
      range.endLine,
      document.lineAt(range.endLine).text.length,
    );
    return { ...attachmentFrom(document, lines.isEmpty ? undefined : lines), label: name, kind: this.kind };
  }

  private async inEditor(): Promise<Found[]> {
    const document = this.editors.current?.document;
    if (document === undefined) return [];
    const path = vscode.workspace.asRelativePath(document.uri);
    const found = await symbolRanges(document.uri);
    return found
      .filter(({ isBlock }) => isBlock)
      .map(({ name, startLine }) => ({ name, uri: document.uri, path, line: startLine }));
  }

  private async find(name: string): Promise<Found | undefined> {
    const here = (await this.inEditor()).find((each) => each.name === name);
    return here ?? (await this.inWorkspace(name)).find((each) => each.name === name);
  }

  /** Of files that may go into a prompt unasked. */
  private async inWorkspace(query: string): Promise<Found[]> {
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, patience, undefined));
    const asked = vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
      'vscode.executeWorkspaceSymbolProvider',
      query,
    );
    const symbols = await Promise.race([Promise.resolve(asked).catch(() => undefined), late]);
    const known = new Map((await this.project.list()).map(({ uri, path }) => [uri.toString(), path]));
    return (symbols ?? []).flatMap(({ name, location }) => {
      const path = known.get(location.uri.toString());
      const bare = name.replace(/\(.*$/, '');
      return path === undefined
        ? []
        : [{ name: bare, uri: location.uri, path, line: location.range.start.line }];
    });
  }
}
