import type { AttachmentView } from '../../src/protocol/webview';
import { element, quietButton } from '../dom';
import { icon } from './icons';
import type { Ui } from './ui';

/** The attachments of a message, each with its size. `onRemove`: they can still be taken off. */
export function chipList(
  ui: Ui,
  attachments: readonly AttachmentView[],
  onRemove?: (id: string) => void,
): HTMLElement | undefined {
  if (attachments.length === 0) return undefined;
  const list = element('ul', { class: 'chips', label: ui.l10n.t('chip.list') });
  list.append(...attachments.map((attachment) => chip(ui, attachment, onRemove)));
  return list;
}

function chip(ui: Ui, attachment: AttachmentView, onRemove?: (id: string) => void): HTMLElement {
  const { l10n } = ui;
  const { id, label, path, tokens, seconds, estimated, wholeTokens } = attachment;
  const size: string[] = [];
  if (tokens !== undefined) {
    if (wholeTokens !== undefined) size.push(l10n.t('chip.part', { tokens, whole: wholeTokens }));
    else size.push(l10n.t(estimated === true ? 'chip.tokensEstimated' : 'chip.tokens', { tokens }));
  }
  if (seconds !== undefined) size.push(l10n.t('chip.seconds', { seconds: rounded(seconds) }));
  const title =
    seconds === undefined
      ? l10n.t('chip.title', { path })
      : l10n.t('chip.titleSeconds', { path, seconds: rounded(seconds) });
  return element(
    'li',
    { class: 'chip', title },
    element('bdi', { class: 'chip-label', text: label }),
    size.length === 0 ? undefined : element('span', { class: 'muted number', text: size.join(' · ') }),
    onRemove === undefined
      ? undefined
      : quietButton(
          { class: 'bare', label: l10n.t('chip.remove', { label }), onClick: () => onRemove(id) },
          icon('close'),
        ),
  );
}

/** Seconds as a person wants them: one decimal below ten, and never none at all. */
export function rounded(seconds: number): number {
  return seconds < 10 ? Math.max(0.1, Math.round(seconds * 10) / 10) : Math.round(seconds);
}
