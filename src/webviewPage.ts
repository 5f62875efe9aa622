import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { loadPageTable, pageLanguage, type PageName } from './l10nTables';
import { readSetting } from './settings';
import { webviewHtml } from './webviewHtml';

/** What a page may reach: its bundle and the media, nothing else. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return {
    enableScripts: true,
    localResourceRoots: [
      vscode.Uri.joinPath(extensionUri, 'dist', 'webview'),
      vscode.Uri.joinPath(extensionUri, 'media'),
    ],
  };
}

/** Puts a page into a webview, in the language of the pages. Rejects where the package lacks its texts. */
export async function showPage(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  page: PageName,
  title: string,
): Promise<void> {
  const bundle = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  const table = await loadPageTable(
    page,
    pageLanguage(readSetting('language'), vscode.env.language),
    async (name) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, 'media', 'l10n', name)),
  );
  webview.options = webviewOptions(extensionUri);
  webview.html = webviewHtml({
    ...{ page, title, table, cspSource: webview.cspSource, nonce: randomBytes(16).toString('base64url') },
    scriptUri: bundle(`${page}.js`),
    styleUri: bundle(`${page}.css`),
  });
}
