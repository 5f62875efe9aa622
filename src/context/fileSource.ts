import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import { UserError } from '../errors';
import { writeMention } from '../protocol/mentions';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';
import { type FileReader } from './fileReader';
import type { ProjectFile, ProjectFiles } from './projectFiles';
import { bestFits } from './rankPaths';

const maxOffers = 30;

/** "@file:src/queue.ts", "@file:src/queue.ts:12-48". */
export class FileSource implements ContextSource {
  readonly kind = 'file';

  constructor(
    private readonly project: ProjectFiles,
    private readonly reader: FileReader,
  ) {}

  async offers(target: string): Promise<MentionOffer[]> {
    const files = await this.project.list();
    // Of equals what is open comes first: tabs in their order, the active one before all.
    const open = new Map([...new Set(openFiles().map(String))].map((uri, index) => [uri, index]));
    const rank = ({ uri }: ProjectFile): number => open.get(uri.toString()) ?? open.size;
    const sorted = open.size === 0 ? files : [...files].sort((a, b) => rank(a) - rank(b));
    return bestFits(target, sorted, ({ path }) => path, maxOffers).map(({ path }) => fileOffer(path));
  }

  async attach(target: string): Promise<Attachment> {
    const ranged = /^(.+):(\d+)(?:[-–](\d+))?$/.exec(target);
    const path = ranged?.[1] ?? target;
    const uri = await uriOf(path);
    const { text, languageId } = await this.reader.read(uri, path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const whole = {
      id: randomUUID(),
      label: name,
      path,
      uri: uri.toString(),
      languageId,
      text,
      kind: 'file' as const,
    };
    if (ranged === null) return whole;
    const all = text.split(/\r?\n/);
    const start = Math.max(1, Number(ranged[2]));
    const end = Math.min(all.length, Number(ranged[3] ?? ranged[2]));
    if (start > end) throw new UserError(vscode.l10n.t('{0} has no line {1}.', path, start));
    return {
      ...whole,
      label: `${name}:${start === end ? start : `${start}–${end}`}`,
      text: all.slice(start - 1, end).join('\n'),
      lines: { start, end },
    };
  }
}

export function fileOffer(path: string): MentionOffer {
  const at = path.lastIndexOf('/');
  return {
    insert: writeMention('file', path),
    label: path.slice(at + 1),
    detail: at < 0 ? '' : path.slice(0, at),
    kind: 'file',
  };
}

/** The file that a path of the workspace names, or an open one that is called so. */
export async function uriOf(path: string): Promise<vscode.Uri> {
  const open = vscode.workspace.textDocuments.find(
    ({ uri }) => vscode.workspace.asRelativePath(uri) === path || uri.toString() === path,
  );
  if (open !== undefined) return open.uri;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const named = folders.length > 1 ? folders.find(({ name }) => path.startsWith(`${name}/`)) : undefined;
  const candidates =
    named === undefined
      ? folders.map(({ uri }) => vscode.Uri.joinPath(uri, path))
      : [vscode.Uri.joinPath(named.uri, path.slice(named.name.length + 1))];
  for (const uri of candidates) {
    const there = await Promise.resolve(vscode.workspace.fs.stat(uri)).then(
      () => true,
      () => false,
    );
    if (there) return uri;
  }
  throw new UserError(vscode.l10n.t('{0} was not found in the workspace.', path));
}

function openFiles(): vscode.Uri[] {
  const active = vscode.window.activeTextEditor?.document.uri;
  const tabs = vscode.window.tabGroups.all.flatMap(({ tabs: each }) => each);
  const shown = tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []));
  return active === undefined ? shown : [active, ...shown];
}
