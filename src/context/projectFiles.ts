import * as vscode from 'vscode';
import { git } from './git';
import { ignoredBy, type IgnoreFile } from './ignoreFiles';
import { mayHoldSecret } from './secrets';

export interface ProjectFile {
  uri: vscode.Uri;
  /** As the editor writes it: relative to the workspace, with the folder's name where there are several. */
  path: string;
}

/** More than these are not offered. */
const maxFiles = 50_000;
/** A person types faster than files come and go. Milliseconds. */
const freshFor = 5_000;
/** Where git cannot be asked: what no search of the editor looks into either. */
const heavyFolders = '**/{node_modules,bower_components,.git,.hg,.svn,.venv,__pycache__}/**';

/** What of the workspace may go into a prompt unasked. Git is asked where it can be, else its files are read. */
export class ProjectFiles {
  #listed: { at: number; files: Promise<ProjectFile[]> } | undefined;

  /** Files that git does not ignore and that are unlikely to hold secrets. */
  list(): Promise<ProjectFile[]> {
    const now = Date.now();
    if (this.#listed === undefined || now - this.#listed.at > freshFor) {
      const folders = vscode.workspace.workspaceFolders ?? [];
      const files = Promise.all(folders.map((folder) => filesOf(folder))).then((lists) => lists.flat());
      this.#listed = { at: now, files };
    }
    return this.#listed.files;
  }

  /** Whether git ignores a file of the workspace; false for one outside of it. */
  async ignores(uri: vscode.Uri): Promise<boolean> {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    if (folder === undefined) return false;
    const relative = pathBelow(folder.uri, uri);
    if (mayRunGit(folder.uri)) {
      const answer = await git(folder.uri.fsPath, ['check-ignore', '-q', '-z', '--stdin'], {
        input: `${relative}\0`,
      });
      if (answer?.code === 0) return true;
      if (answer?.code === 1) return false;
    }
    return ignoredBy(await ignoreFilesFor(folder.uri, relative))(relative);
  }
}

/** A repository's own configuration names programs that git starts. */
export function mayRunGit({ scheme }: vscode.Uri): boolean {
  return vscode.workspace.isTrusted && scheme === 'file';
}

async function filesOf(folder: vscode.WorkspaceFolder): Promise<ProjectFile[]> {
  const paths = (await listedByGit(folder.uri)) ?? (await listedByEditor(folder));
  return paths
    .filter((path) => !mayHoldSecret(path))
    .slice(0, maxFiles)
    .map((relative) => {
      const uri = vscode.Uri.joinPath(folder.uri, relative);
      return { uri, path: vscode.workspace.asRelativePath(uri) };
    });
}

async function listedByGit(folder: vscode.Uri): Promise<string[] | undefined> {
  if (!mayRunGit(folder)) return undefined;
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const answer = await git(folder.fsPath, args);
  if (answer?.code !== 0) return undefined;
  // In a merge a file is listed once for each side.
  return [...new Set(answer.stdout.split('\0'))].filter((path) => path !== '');
}

async function listedByEditor(folder: vscode.WorkspaceFolder): Promise<string[]> {
  const find = (glob: string) =>
    vscode.workspace.findFiles(new vscode.RelativePattern(folder, glob), heavyFolders, maxFiles);
  const ignoreFiles = await readAll(folder.uri, await find('**/.gitignore'));
  const ignored = ignoredBy(ignoreFiles);
  return (await find('**/*')).map((uri) => pathBelow(folder.uri, uri)).filter((path) => !ignored(path));
}

/** The .gitignore files that have a say in one path. */
async function ignoreFilesFor(folder: vscode.Uri, relative: string): Promise<IgnoreFile[]> {
  const parts = relative.split('/').slice(0, -1);
  const folders = ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
  const files = folders.map((each) => vscode.Uri.joinPath(folder, each, '.gitignore'));
  return await readAll(folder, files);
}

async function readAll(root: vscode.Uri, files: readonly vscode.Uri[]): Promise<IgnoreFile[]> {
  const found = await Promise.all(
    files.map(async (uri) => {
      try {
        const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
        return { folder: pathBelow(root, uri).split('/').slice(0, -1).join('/'), text };
      } catch {
        return undefined;
      }
    }),
  );
  return found.filter((file) => file !== undefined);
}

function pathBelow(root: vscode.Uri, { path }: vscode.Uri): string {
  const base = root.path.endsWith('/') ? root.path : `${root.path}/`;
  return path.startsWith(base) ? path.slice(base.length) : path;
}
