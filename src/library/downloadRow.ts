import type { DownloadView } from '../protocol/downloads';
import { escapeMarkdown, formatBytes, formatDuration, formatPercent, formatShare } from '../status/format';
import type { Translate } from '../translate';
import type { LibraryRow } from './libraryRow';

/** A download under way, as the list shows it. */
export function downloadRow(download: DownloadView, t: Translate): LibraryRow {
  const { label, problem } = download;
  const description = state(download, t);
  const paragraphs = [
    `**${escapeMarkdown(label)}**`,
    escapeMarkdown(description),
    ...(problem === undefined ? [] : [`$(error) ${escapeMarkdown(problem)}`]),
  ];
  return { label, description, icon: iconOf(download), tooltip: paragraphs.join('\n\n') };
}

function state({ state, done, total, bytesPerSecond }: DownloadView, t: Translate): string {
  const share =
    total === 0 ? formatBytes(done) : `${formatPercent(done / total)} · ${formatShare(done, total)}`;
  switch (state) {
    case 'running': {
      if (bytesPerSecond <= 0) return share;
      const rate = `${formatBytes(bytesPerSecond)}/s`;
      const left = formatDuration((total - done) / bytesPerSecond);
      return total === 0 ? `${share} · ${rate}` : t('{0} · {1} · about {2} left', share, rate, left);
    }
    case 'paused':
      return t('paused · {0}', share);
    case 'verifying':
      return t('comparing the hash…');
    case 'failed':
      return t('failed · {0}', share);
  }
}

function iconOf({ state }: DownloadView): LibraryRow['icon'] {
  switch (state) {
    case 'running':
      return { id: 'cloud-download' };
    case 'paused':
      return { id: 'debug-pause' };
    case 'verifying':
      return { id: 'sync~spin' };
    case 'failed':
      return { id: 'error', color: 'problemsErrorIcon.foreground' };
  }
}
