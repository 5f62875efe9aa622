import * as vscode from 'vscode';
import { doctorPageId } from '../contributions';
import { onDidChangeSettings } from '../settings';
import { showPage, webviewOptions } from '../webviewPage';
import { DoctorController, type DoctorDeps } from './controller';

export type DoctorPageDeps = DoctorDeps & { extensionUri: vscode.Uri };

/** Doctor's tab; there is one at most. */
export class DoctorPage {
  #open: { panel: vscode.WebviewPanel; controller: DoctorController } | undefined;

  constructor(private readonly deps: DoctorPageDeps) {}

  /** Whether it is asking the model right now. */
  get examining(): boolean {
    return this.#open?.controller.running === true;
  }

  /** Opens the page, which examines at once; one that is open comes to the front and examines again. */
  async open(): Promise<void> {
    if (this.#open) {
      this.#open.panel.reveal();
      void this.#open.controller.run();
      return;
    }
    const { extensionUri } = this.deps;
    const title = vscode.l10n.t('Layercake Doctor');
    const panel = vscode.window.createWebviewPanel(
      doctorPageId,
      title,
      vscode.ViewColumn.Active,
      webviewOptions(extensionUri),
    );
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'activity.svg');
    const controller = new DoctorController(this.deps, (event) => void panel.webview.postMessage(event));
    this.#open = { panel, controller };
    const show = () => showPage(panel.webview, extensionUri, 'doctor', title);
    const subscriptions = [
      controller,
      panel.webview.onDidReceiveMessage((message: unknown) => void controller.handle(message)),
      onDidChangeSettings(['language'], () => void show()),
    ];
    panel.onDidDispose(() => {
      this.#open = undefined;
      for (const subscription of subscriptions) subscription.dispose();
    });
    await show();
  }

  dispose(): void {
    this.#open?.panel.dispose();
  }
}
