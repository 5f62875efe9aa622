import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import { UserError } from '../errors';
import { writeMention } from '../protocol/mentions';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';
import type { FileReader } from './fileReader';
import { fileHeading } from './pieces';
import type { ProjectFiles } from './projectFiles';
import { bestFits } from './rankPaths';
import { holdsKey } from './secrets';

const maxOffers = 20;
const maxFiles = 200;
/** Characters of all files together. */
const maxText = 1_000_000;

/** "@folder:src/queue": the texts of the files below it, each under its name. */
export class FolderSource implements ContextSource {
  readonly kind = 'folder';

  constructor(
    private readonly project: ProjectFiles,
    private readonly reader: FileReader,
  ) {}

  async offers(target: string): Promise<MentionOffer[]> {
    const counts = new Map<string, number>();
    for (const { path } of await this.project.list()) {
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        const folder = path.slice(0, at);
        counts.set(folder, (counts.get(folder) ?? 0) + 1);
      }
    }
    const byDepth = [...counts.keys()].sort((a, b) => depth(a) - depth(b) || a.localeCompare(b));
    return bestFits(target.replace(/\/$/, ''), byDepth, (folder) => folder, maxOffers).map((folder) => ({
      insert: writeMention('folder', folder),
      label: `${folder.slice(folder.lastIndexOf('/') + 1)}/`,
      detail: [parentOf(folder), filesWords(counts.get(folder) ?? 0)]
        .filter((part) => part !== '')
        .join(' · '),
      kind: this.kind,
    }));
  }

  async attach(target: string): Promise<Attachment> {
    const folder = target.replace(/\/+$/, '');
    const below = (await this.project.list()).filter(({ path }) => path.startsWith(`${folder}/`));
    if (below.length === 0) {
      throw new UserError(vscode.l10n.t('{0} has no files, or git ignores all of them.', `${folder}/`));
    }
    const parts: string[] = [];
    let length = 0;
    let count = 0;
    for (const { uri, path } of below.sort(
      (a, b) => depth(a.path) - depth(b.path) || a.path.localeCompare(b.path),
    )) {
      if (count >= maxFiles || length >= maxText) break;
      const text = await this.textOf(uri, path);
      if (text === undefined) continue;
      const part = `${fileHeading(path)}\n${text.endsWith('\n') ? text : `${text}\n`}`;
      parts.push(part);
      length += part.length;
      count++;
    }
    const name = `${folder.slice(folder.lastIndexOf('/') + 1)}/`;
    return {
      ...{ id: randomUUID(), kind: this.kind, label: `${name} · ${filesWords(count)}`, path: `${folder}/` },
      ...{ uri: `layercake-context:folder/${folder}`, languageId: '', text: parts.join('\n') },
    };
  }

  /**
   * undefined for what is no text, too large, a link to secrets or out of the workspace, or holds a key: a folder is not
   * asked about file by file.
   */
  private async textOf(uri: vscode.Uri, path: string): Promise<string | undefined> {
    try {
      if (!(await this.reader.isHarmless(uri, path))) return undefined;
      const { text } = await this.reader.plain(uri, path);
      return holdsKey(text) ? undefined : text;
    } catch (error) {
      if (UserError.is(error)) return undefined;
      throw error;
    }
  }
}

function filesWords(count: number): string {
  return count === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', count);
}

function depth(path: string): number {
  return path.split('/').length;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
