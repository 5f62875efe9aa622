import { element, quietButton, setText } from '../dom';
import type { ChatCommand } from '../../src/protocol/webview';
import { highlight } from './highlight';
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
  readonly #code = element('code');
  #content: CodeContent = { language: '', code: '' };
  /** What stands on the page; colours may cover less of it. */
  #shown = '';
  #nextColours = 0;

  constructor(ui: Ui) {
    this.#ui = ui;
    this.#language = element('span', { class: 'code-language' });
    const head = element(
      'div',
      { class: 'code-head' },
      this.#language,
      ...actions.map(({ action, text, label }) => this.#button(action, text, label)),
    );
    const pre = element('pre', { attributes: { tabindex: '0', dir: 'ltr' } }, this.#code);
    this.element = element('div', { class: 'code' }, head, pre);
  }

  /** `open`: more will follow, so colours may lag behind the text. */
  update(content: CodeContent, open: boolean): void {
    const sameLanguage = content.language === this.#content.language;
    if (sameLanguage && content.code === this.#shown && open) return;
    this.#content = content;
    setText(this.#language, content.language === '' ? this.#ui.l10n.t('code.plain') : content.language);
    const now = performance.now();
    const grown = sameLanguage && content.code.startsWith(this.#shown);
    if (open && grown && now < this.#nextColours) {
      this.#code.append(content.code.slice(this.#shown.length));
    } else {
      this.#code.replaceChildren(highlight(content.code, content.language) ?? content.code);
      // Colouring takes longer the longer the code: at most a tenth of the time goes into it.
      this.#nextColours = now + 10 * (performance.now() - now);
    }
    this.#shown = content.code;
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
