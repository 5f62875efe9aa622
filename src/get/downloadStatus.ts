import * as vscode from 'vscode';
import { viewIds } from '../contributions';
import type { RunningDownloads } from '../protocol/downloads';
import { escapeMarkdown, formatBytes, formatPercent, formatShare } from '../status/format';

/** Shows in the status bar how far downloads are, while there are any. */
export class DownloadStatus {
  private item: vscode.StatusBarItem | undefined;
  private readonly listening: { dispose(): void };

  constructor(private readonly downloads: RunningDownloads) {
    this.listening = downloads.onDidChange(() => this.update());
    this.update();
  }

  dispose(): void {
    this.listening.dispose();
    this.item?.dispose();
  }

  private update(): void {
    const { t } = vscode.l10n;
    const running = this.downloads.list().filter(({ state }) => state === 'running' || state === 'verifying');
    if (running.length === 0) {
      this.item?.dispose();
      this.item = undefined;
      return;
    }
    this.item ??= createItem();
    const sum = (of: (each: (typeof running)[number]) => number) =>
      running.reduce((total, each) => total + of(each), 0);
    const [done, total, rate] = [
      sum((each) => each.done),
      sum((each) => each.total),
      sum((each) => each.bytesPerSecond),
    ];
    const share = formatPercent(done / Math.max(1, total));
    this.item.text = running.every(({ state }) => state === 'verifying')
      ? `$(sync~spin) ${t('Comparing the hash…')}`
      : `$(cloud-download) ${share} · ${formatBytes(rate)}/s`;
    this.item.tooltip = new vscode.MarkdownString(
      running
        .map((each) => `${escapeMarkdown(each.label)}: ${escapeMarkdown(formatShare(each.done, each.total))}`)
        .join('\n\n'),
      true,
    );
    this.item.accessibilityInformation = { label: t('Downloading models: {0}', share) };
  }
}

function createItem(): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem('layercake.downloads', vscode.StatusBarAlignment.Right, 99);
  item.name = vscode.l10n.t('Layercake: downloads');
  item.command = `${viewIds.models}.focus`;
  item.show();
  return item;
}
