import type { ConversationSummary } from '../../src/protocol/webview';
import { textField } from '../components';
import { element } from '../dom';
import { historyRow, type RowMode } from './historyRow';
import type { Ui } from './ui';

/** The list of all conversations, in place of the open one. */
export class History {
  readonly element: HTMLElement;
  readonly #ui: Ui;
  readonly #onClose: () => void;
  readonly #search;
  readonly #list = element('ul', { class: 'conversations' });
  #conversations: readonly ConversationSummary[] = [];
  #currentId = '';
  /** The row that is being renamed or asked about. */
  #engaged: { id: string; mode: RowMode } | undefined;
  #shown = '';

  constructor(ui: Ui, onClose: () => void) {
    this.#ui = ui;
    this.#onClose = onClose;
    const label = ui.l10n.t('history.search');
    this.#search = textField({ label, placeholder: label });
    this.#search.addEventListener('input', () => {
      this.#engaged = undefined;
      this.#show();
    });
    this.element = element(
      'section',
      { class: 'history', label: ui.l10n.t('history.title') },
      this.#search,
      this.#list,
    );
    this.element.hidden = true;
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#onClose();
    });
  }

  update(conversations: readonly ConversationSummary[], currentId: string): void {
    const now = JSON.stringify([conversations, currentId]);
    if (now === this.#shown) return;
    this.#shown = now;
    this.#conversations = [...conversations].sort((a, b) => b.updated - a.updated);
    this.#currentId = currentId;
    // A name that is being typed must not vanish under the person's hands.
    if (!this.element.hidden && this.#engaged === undefined) this.#show();
  }

  /** Shows or hides the list; opening it moves the focus into it. */
  toggle(open: boolean): void {
    this.element.hidden = !open;
    this.#engaged = undefined;
    if (!open) return;
    this.#search.value = '';
    this.#show();
    if (this.#search.hidden) this.#list.querySelector('button')?.focus();
    else this.#search.focus();
  }

  #show(): void {
    const { l10n } = this.#ui;
    const text = this.#search.value.trim();
    const wanted = text.toLocaleLowerCase();
    const found = this.#conversations.filter((each) => each.title.toLocaleLowerCase().includes(wanted));
    this.#search.hidden = this.#conversations.length === 0;
    if (found.length > 0) {
      this.#list.replaceChildren(...found.map((each) => this.#row(each)));
      return;
    }
    const empty = text === '' ? l10n.t('history.empty') : l10n.t('history.noMatch', { text });
    this.#list.replaceChildren(element('li', { class: 'muted none', text: empty }));
  }

  #row(conversation: ConversationSummary): HTMLElement {
    const { id } = conversation;
    const mode = this.#engaged?.id === id ? this.#engaged.mode : 'plain';
    const row = historyRow(this.#ui, conversation, id === this.#currentId, mode, {
      open: () => {
        this.#ui.post({ kind: 'openConversation', id });
        this.#onClose();
      },
      setMode: (next) => this.#setMode(id, next),
      deleted: () => {
        this.#engaged = undefined;
        this.#conversations = this.#conversations.filter((each) => each.id !== id);
        this.#show();
        this.#search.focus();
      },
    });
    row.dataset['id'] = id;
    return row;
  }

  #setMode(id: string, mode: RowMode): void {
    this.#engaged = mode === 'plain' ? undefined : { id, mode };
    this.#show();
    const row = [...this.#list.children].find(
      (each) => each instanceof HTMLElement && each.dataset['id'] === id,
    );
    row?.querySelector<HTMLElement>('button, vscode-text-field, vscode-button')?.focus();
  }
}
