import type { BudgetView } from '../../src/protocol/webview';
import { element, quietButton } from '../dom';
import { rounded } from './chips';
import type { Ui } from './ui';

/** Says that the chips are more than a message may take, what becomes of them, and how to have it otherwise. */
export function budgetLine({ l10n, post }: Ui, budget: BudgetView | undefined): HTMLElement | undefined {
  if (budget === undefined) return undefined;
  const { tokens, seconds, limitTokens, limitSeconds, whole } = budget;
  const size = (count: number, time: number | undefined): string =>
    time === undefined
      ? l10n.t('chip.tokens', { tokens: count })
      : l10n.t('chip.seconds', { seconds: rounded(time) });
  const [all, part] = [size(tokens, seconds), size(limitTokens, limitSeconds)];
  const text = whole ? l10n.t('budget.whole', { all }) : l10n.t('budget.part', { all, part });
  return element(
    'div',
    { class: 'budget', attributes: { role: 'status' } },
    element('span', { class: 'muted small number', text }),
    quietButton({
      class: 'small',
      text: whole ? l10n.t('budget.usePart', { part }) : l10n.t('budget.useWhole'),
      onClick: () => post({ kind: 'sendWhole', whole: !whole }),
    }),
  );
}
