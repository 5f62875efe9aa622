import type { ChatCommand, ModelOffer, ModelOffers } from '../../src/protocol/webview';
import { element, quietButton } from '../dom';
import type { ChatKey, Ui } from './ui';

/** What to begin with: models of this machine, and those worth getting, each with its plan. */
export function offerLists(ui: Ui, { here, suggested }: ModelOffers): HTMLElement[] {
  return [
    ...offerList(ui, 'engine.here', here, ({ id }) => ({ kind: 'useModel', path: id })),
    ...offerList(ui, 'engine.suggested', suggested, ({ id }) => ({ kind: 'getModel', repository: id })),
  ];
}

function offerList(
  { l10n, post }: Ui,
  title: ChatKey,
  offers: readonly ModelOffer[],
  command: (offer: ModelOffer) => ChatCommand,
): HTMLElement[] {
  if (offers.length === 0) return [];
  const rows = offers.map((offer) =>
    element(
      'li',
      {},
      quietButton(
        { class: 'offer', title: offer.id, onClick: () => post(command(offer)) },
        element('span', { class: 'name', text: offer.name, attributes: { dir: 'auto' } }),
        element('span', { class: 'muted small', text: offer.plan, attributes: { dir: 'auto' } }),
      ),
    ),
  );
  return [
    element('h4', { text: l10n.t(title) }),
    element('ul', { class: 'offers', label: l10n.t(title) }, ...rows),
  ];
}
