import * as vscode from 'vscode';

/** What is used of the built-in git extension's interface, version 1. */
export interface GitApi {
  readonly repositories: readonly GitRepository[];
  getRepository(uri: vscode.Uri): GitRepository | null;
}

export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  readonly state: { readonly indexChanges: readonly GitChange[] };
  readonly ui: { readonly selected: boolean };
  /** @param cached what is staged; else what is not */
  diff(cached?: boolean): Promise<string>;
  /** Rejects in a repository without commits. */
  log(options: { maxEntries: number }): Promise<{ message: string }[]>;
}

export interface GitChange {
  readonly uri: vscode.Uri;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

const extensionId = 'vscode.git';

/** Whether the git extension runs beside this one. In a remote window it may run on the other machine. */
export function gitIsReachable(): boolean {
  return vscode.extensions.getExtension(extensionId) !== undefined;
}

/** The interface, once the git extension is active; undefined where it is out of reach or switched off. */
export async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>(extensionId);
  if (extension === undefined) return undefined;
  const git = await extension.activate();
  return git.enabled ? git.getAPI(1) : undefined;
}
