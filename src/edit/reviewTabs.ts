import * as vscode from 'vscode';

/** Closes the tabs of matching text documents; the focus stays where it is. */
export async function closeTabs(matches: (uri: vscode.Uri) => boolean): Promise<void> {
  const tabs = textTabs().filter(({ uri }) => matches(uri));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs.map(({ tab }) => tab));
}

/** Tells when the last tab of a text document was closed. The document's own event comes minutes later, or twice. */
export function onDidCloseTab(listener: (uri: vscode.Uri) => void): vscode.Disposable {
  return vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
    for (const { input } of closed) {
      if (!(input instanceof vscode.TabInputText)) continue;
      const key = input.uri.toString();
      if (!textTabs().some(({ uri }) => uri.toString() === key)) listener(input.uri);
    }
  });
}

/** Waits until an open document matches; gives up after a second, as nothing depends on it but the cursor. */
export function waitForDocument(matches: (document: vscode.TextDocument) => boolean): Promise<void> {
  if (vscode.workspace.textDocuments.some(matches)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const subscription = vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (matches(document)) done();
    });
    const timer = setTimeout(done, 1000);
  });
}

function textTabs(): { tab: vscode.Tab; uri: vscode.Uri }[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap((tab) => (tab.input instanceof vscode.TabInputText ? [{ tab, uri: tab.input.uri }] : [])),
  );
}
