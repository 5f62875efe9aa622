import * as vscode from 'vscode';
import { settingsPageId, type SettingKey } from '../contributions';
import type { VramMonitor } from '../hardware/vramMonitor';
import { onDidChangeSettings } from '../settings';
import { showPage, webviewOptions } from '../webviewPage';
import type { SettingsPageDeps } from './controller';

export interface SettingsPanelDeps extends SettingsPageDeps {
  extensionUri: vscode.Uri;
  monitor: Pick<VramMonitor, 'onDidChange'>;
}

const shownSettings: readonly SettingKey[] = [
  'model.path',
  'models.folders',
  'load.vramBudget',
  'load.gpuLayers',
  'load.contextSize',
  'load.batchSize',
  'load.threads',
  'load.kvCacheType',
  'load.flashAttention',
  'load.mmap',
  'load.mlock',
  'load.perModel',
  'plan.promptTokens',
  'plan.answerTokens',
];

/** The settings page's tab; there is one at most. */
export class SettingsPage {
  #panel: vscode.WebviewPanel | undefined;

  constructor(private readonly deps: SettingsPanelDeps) {}

  /** Opens the page, or brings it to the front. */
  async open(): Promise<void> {
    if (this.#panel) {
      this.#panel.reveal();
      return;
    }
    const { extensionUri } = this.deps;
    const title = vscode.l10n.t('Layercake Settings');
    const panel = vscode.window.createWebviewPanel(
      settingsPageId,
      title,
      vscode.ViewColumn.Active,
      // What is unsaved must survive a look at another tab.
      { ...webviewOptions(extensionUri), retainContextWhenHidden: true },
    );
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'activity.svg');
    this.#panel = panel;
    panel.onDidDispose(() => (this.#panel = undefined));

    // Much of the extension's code, and seldom needed.
    const { SettingsController } = await import('./controller');
    if (this.#panel !== panel) return;
    const controller = new SettingsController(this.deps, (event) => void panel.webview.postMessage(event));
    const subscriptions = [
      controller,
      panel.webview.onDidReceiveMessage((message: unknown) => void controller.handle(message)),
      onDidChangeSettings(shownSettings, () => controller.settingsChanged()),
      onDidChangeSettings(['language'], () => void showPage(panel.webview, extensionUri, 'settings', title)),
      this.deps.monitor.onDidChange(() => {
        if (panel.visible) controller.refreshHardware();
      }),
    ];
    panel.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
    });
    await showPage(panel.webview, extensionUri, 'settings', title);
  }

  dispose(): void {
    this.#panel?.dispose();
  }
}
