import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import { UserError } from '../errors';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';
import { safeDiff } from './diffText';
import { git } from './git';
import { mayRunGit } from './projectFiles';

/** "@diff": what has changed since the last commit, staged or not. */
export class DiffSource implements ContextSource {
  readonly kind = 'diff';

  async offers(_target: string, signal: AbortSignal): Promise<MentionOffer[]> {
    const counts = await Promise.all(gitFolders().map((folder) => changedFiles(folder, signal)));
    const count = counts.reduce((sum, each) => sum + each, 0);
    if (count === 0) return [];
    const { t } = vscode.l10n;
    const detail =
      count === 1 ? t('1 file since the last commit') : t('{0} files since the last commit', count);
    return [{ insert: '@diff', label: t('Changes'), detail, kind: this.kind }];
  }

  async attach(): Promise<Attachment> {
    const { t } = vscode.l10n;
    const folders = gitFolders();
    if (folders.length === 0) {
      throw new UserError(
        t(
          'The changes cannot be read: git is asked in trusted folders on the machine of the extension alone.',
        ),
      );
    }
    const diffs = await Promise.all(folders.map(diffOf));
    if (diffs.every((diff) => diff === undefined)) {
      throw new UserError(
        t('The changes cannot be read: this is no git repository, or git is not installed.'),
      );
    }
    const { text, leftOut } = safeDiff(diffs.join(''));
    if (text.trim() === '') {
      throw new UserError(
        leftOut.length > 0
          ? t('Only files that may hold secrets have changed: {0}', leftOut.join(', '))
          : t('Nothing has changed since the last commit.'),
      );
    }
    return {
      ...{ id: randomUUID(), kind: this.kind, label: t('Changes'), path: 'Changes since the last commit' },
      ...{ uri: 'layercake-context:diff', languageId: 'diff', text },
    };
  }
}

/** Whatever git is set to: the files that may hold secrets are found by these names. */
const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];

async function diffOf(folder: string): Promise<string | undefined> {
  const since = await git(folder, ['diff', ...plain, 'HEAD', '--', '.']);
  if (since?.code === 0) return since.stdout;
  // Before the first commit there is only what is staged.
  const staged = await git(folder, ['diff', ...plain, '--cached', '--', '.']);
  return staged?.code === 0 ? staged.stdout : undefined;
}

async function changedFiles(folder: string, signal: AbortSignal): Promise<number> {
  const names = await git(folder, ['diff', ...plain, '--name-only', '-z', 'HEAD', '--', '.'], { signal });
  return names?.code === 0 ? names.stdout.split('\0').filter((name) => name !== '').length : 0;
}

function gitFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => mayRunGit(uri)).map(({ uri }) => uri.fsPath);
}
