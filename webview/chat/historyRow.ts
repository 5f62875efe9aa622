import type { ConversationSummary } from '../../src/protocol/webview';
import { button, textField } from '../components';
import { element, quietButton } from '../dom';
import type { Ui } from './ui';

/** What is being done to a conversation in its row. */
export type RowMode = 'plain' | 'rename' | 'delete';

export interface RowActions {
  open(): void;
  setMode(mode: RowMode): void;
  /** Called once the conversation has been asked to be deleted. */
  deleted(): void;
}

/** One conversation of the history: to open, and in place to rename or, after a question, to delete. */
export function historyRow(
  ui: Ui,
  conversation: ConversationSummary,
  isCurrent: boolean,
  mode: RowMode,
  actions: RowActions,
): HTMLElement {
  switch (mode) {
    case 'plain':
      return plainRow(ui, conversation, isCurrent, actions);
    case 'rename':
      return renameRow(ui, conversation, actions);
    case 'delete':
      return deleteRow(ui, conversation, actions);
  }
}

function plainRow(
  { l10n, post }: Ui,
  conversation: ConversationSummary,
  isCurrent: boolean,
  actions: RowActions,
): HTMLElement {
  const title = conversation.title || l10n.t('header.untitled');
  const when = conversation.updated > 0 ? l10n.timeAgo(conversation.updated, Date.now()) : '';
  const details = isCurrent ? [l10n.t('history.current'), when] : [when];
  const open = quietButton(
    {
      class: 'open',
      label: l10n.t('history.open', { title }),
      title,
      attributes: isCurrent ? { 'aria-current': 'true' } : {},
      onClick: () => actions.open(),
    },
    element('span', { class: 'name', text: title, attributes: { dir: 'auto' } }),
    element('span', { class: 'muted small', text: details.filter((part) => part !== '').join(' · ') }),
  );
  const action = (text: string, label: string, onClick: () => void): HTMLElement =>
    quietButton({ class: 'small', text, label, title: label, onClick });
  return element(
    'li',
    { class: 'conversation' },
    open,
    element(
      'div',
      { class: 'row-actions' },
      action(l10n.t('history.rename'), l10n.t('history.renameLabel', { title }), () =>
        actions.setMode('rename'),
      ),
      action(l10n.t('history.export'), l10n.t('history.exportLabel', { title }), () =>
        post({ kind: 'exportConversation', id: conversation.id }),
      ),
      action(l10n.t('history.delete'), l10n.t('history.deleteLabel', { title }), () =>
        actions.setMode('delete'),
      ),
    ),
  );
}

function renameRow({ l10n, post }: Ui, { id, title }: ConversationSummary, actions: RowActions): HTMLElement {
  const field = textField({ label: l10n.t('history.newName'), value: title });
  const save = (): void => {
    const name = field.value.trim();
    if (name !== '' && name !== title) post({ kind: 'renameConversation', id, title: name });
    actions.setMode('plain');
  };
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    // Else the same key press would also open the row, which gets the focus back.
    event.preventDefault();
    save();
  });
  return engaged(
    actions,
    field,
    button({ text: l10n.t('message.cancel'), onClick: () => actions.setMode('plain') }),
    button({ text: l10n.t('history.save'), look: 'primary', onClick: save }),
  );
}

function deleteRow({ l10n, post }: Ui, conversation: ConversationSummary, actions: RowActions): HTMLElement {
  const title = conversation.title || l10n.t('header.untitled');
  const remove = (): void => {
    post({ kind: 'deleteConversation', id: conversation.id });
    actions.deleted();
  };
  return engaged(
    actions,
    element('span', { class: 'question', text: l10n.t('history.confirmDelete', { title }) }),
    button({ text: l10n.t('history.keep'), onClick: () => actions.setMode('plain') }),
    button({ text: l10n.t('history.delete'), look: 'primary', onClick: remove }),
  );
}

/** A row that waits for an answer. Escape leaves it; its first control is what gets the focus. */
function engaged(actions: RowActions, ...nodes: Node[]): HTMLElement {
  const row = element('li', { class: 'conversation engaged' }, ...nodes);
  row.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.stopPropagation();
    actions.setMode('plain');
  });
  return row;
}
