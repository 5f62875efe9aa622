import { element, quietButton, setText } from '../dom';
import type { ChatCommand } from '../../src/protocol/webview';
import { CodeText } from './codeText';
import type { CodeContent } from './markdown';
import type { ChatKey, Ui } from './ui';

type CodeAction = Extract<ChatCommand, { kind: 'code' }>['action'];

const actions: { action: CodeAction; text: ChatKey; label: ChatKey }[] = [
  { action: 'copy', text: 'code.copy', label: 'code.copy' },
  { action: 'insert', text: 'code.insert', label: 'code.insertAtCursor' },
  { action: 'apply', text: 'code.apply', label: 'code.applyToFile' },
  { action: 'newFile', text: 'code.newFile', label: 'code.newFile' },
];
const copiedMs = 1500;

/** A block of code with its language and its actions. It can grow while it streams in. */
export class CodeBlock {
  readonly element: HTMLElement;
  readonly #ui: Ui;
  readonly #language: HTMLElement;
  readonly #text = new CodeText();
  #content: CodeContent = { language: '', code: '' };

  constructor(ui: Ui) {
    this.#ui = ui;
    this.#language = element('span', { class: 'code-language' });
    const head = element(
      'div',
      { class: 'code-head' },
      this.#language,
      ...actions.map(({ action, text, label }) => this.#button(action, text, label)),
    );
    const pre = element('pre', { attributes: { tabindex: '0', dir: 'ltr' } }, this.#text.element);
    this.element = element('div', { class: 'code' }, head, pre);
  }

  /** `open`: more will follow, so colours may lag behind the text. */
  update(content: CodeContent, open: boolean): void {
    this.#content = content;
    setText(this.#language, content.language === '' ? this.#ui.l10n.t('code.plain') : content.language);
    this.#text.update(content, open);
  }

  #button(action: CodeAction, text: ChatKey, label: ChatKey): HTMLButtonElement {
    const { l10n } = this.#ui;
    const button = quietButton({
      class: 'small',
      text: l10n.t(text),
      label: l10n.t(label),
      title: l10n.t(label),
      onClick: () => {
        const { code, language } = this.#content;
        this.#ui.post({ kind: 'code', action, code, language });
        if (action !== 'copy') return;
        this.#ui.announce(l10n.t('code.copied'));
        button.textContent = l10n.t('code.copied');
        setTimeout(() => (button.textContent = l10n.t(text)), copiedMs);
      },
    });
    return button;
  }
}
