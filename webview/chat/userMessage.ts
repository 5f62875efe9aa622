import type { UserMessageView } from '../../src/protocol/webview';
import { button, caretToEnd, textArea } from '../components';
import { element, quietButton } from '../dom';
import { chipList, rounded } from './chips';
import { fitRows, submitOnEnter } from './textInput';
import type { Ui } from './ui';

/** A message of the person's, which can be edited in place and sent again. */
export class UserMessage {
  readonly element = element('article', { class: 'message user' });
  readonly #ui: Ui;
  #shown = '';
  #editing = false;
  #message: UserMessageView | undefined;

  constructor(ui: Ui) {
    this.#ui = ui;
  }

  update(message: UserMessageView): void {
    const now = JSON.stringify(message);
    if (now === this.#shown) return;
    this.#shown = now;
    this.#message = message;
    if (!this.#editing) this.#show(message);
  }

  #show(message: UserMessageView): void {
    const { l10n } = this.#ui;
    const edit = quietButton({
      class: 'small edit',
      text: l10n.t('message.edit'),
      label: l10n.t('message.editLabel'),
      title: l10n.t('message.editLabel'),
      onClick: () => this.#edit(message),
    });
    this.element.replaceChildren(
      ...this.#memoryMark(message),
      element('h3', { class: 'visually-hidden', text: l10n.t('message.you') }),
      element(
        'div',
        { class: 'bubble' },
        chipList(this.#ui, message.attachments),
        element('div', { class: 'user-text', text: message.text, attributes: { dir: 'auto' } }),
        edit,
      ),
    );
  }

  #edit(message: UserMessageView): void {
    const { l10n } = this.#ui;
    const bubble = this.element.querySelector('.bubble');
    if (bubble === null) return;
    const close = (): void => {
      this.#editing = false;
      this.#show(this.#message ?? message);
      this.element.querySelector<HTMLElement>('.edit')?.focus();
    };
    const resend = (): void => {
      const text = area.value.trim();
      if (text === '') return;
      this.#ui.post({ kind: 'editAndResend', messageId: message.id, text });
      this.#editing = false;
      this.#show({ ...message, text });
    };
    const area = textArea({ class: 'grow', label: l10n.t('message.editField'), value: message.text });
    fitRows(area);
    submitOnEnter(area, resend, close);
    const editor = element(
      'div',
      { class: 'bubble editing' },
      chipList(this.#ui, message.attachments),
      area,
      element(
        'div',
        { class: 'row end' },
        button({ text: l10n.t('message.cancel'), onClick: close }),
        button({
          text: l10n.t('message.resend'),
          title: l10n.t('message.resendTitle'),
          look: 'primary',
          onClick: resend,
        }),
      ),
    );
    this.#editing = true;
    bubble.replaceWith(editor);
    caretToEnd(area);
  }

  /** Where the model's memory begins, and what reading the rest again costs. */
  #memoryMark(message: UserMessageView): HTMLElement[] {
    const { l10n } = this.#ui;
    const memory = message.memoryBegins;
    if (memory === undefined) return [];
    const detail = [
      l10n.t('memory.detail', { turns: memory.droppedTurns, tokens: memory.rereadTokens }),
      ...(memory.rereadSeconds === null
        ? []
        : [l10n.t('memory.seconds', { seconds: rounded(memory.rereadSeconds) })]),
    ].join(' · ');
    return [
      element(
        'div',
        { class: 'memory', attributes: { role: 'note' } },
        element('span', { class: 'memory-line', text: l10n.t('memory.begins') }),
        element('span', { class: 'muted small number', text: detail }),
      ),
    ];
  }
}
