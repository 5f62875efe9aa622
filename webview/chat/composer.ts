import type { AttachmentView, ChatSnapshot, ComposerOffer, EngineView } from '../../src/protocol/webview';
import { button, caretToEnd, setAreaText, textArea, textBeforeCaret } from '../components';
import { element, quietButton, setText } from '../dom';
import { budgetLine } from './budgetLine';
import { chipList } from './chips';
import { Completion } from './completion';
import { icon } from './icons';
import { fitRows, submitOnEnter } from './textInput';
import type { Ui } from './ui';

/** Where a message is written: its attachments, its text, what waits behind it, Send and Stop. */
export class Composer {
  readonly element: HTMLElement;
  readonly #ui: Ui;
  readonly #onSend: () => void;
  readonly #onDraft: () => void;
  readonly #area;
  readonly #chips = element('div');
  readonly #queue = element('ul', { class: 'queue' });
  readonly #model: HTMLButtonElement;
  readonly #send;
  readonly #stop;
  readonly #completion: Completion;
  #attachments: readonly AttachmentView[] = [];
  #busy = false;
  #listsShown = '';

  constructor(ui: Ui, onSend: () => void, onDraft: () => void) {
    this.#ui = ui;
    this.#onSend = onSend;
    this.#onDraft = onDraft;
    const { l10n, post } = ui;
    this.#area = textArea({
      class: 'grow',
      label: l10n.t('app.input'),
      placeholder: l10n.t('input.placeholder'),
    });
    // Before the field's own keys: while names are offered, Enter takes one.
    this.#completion = new Completion(ui, this.#area, () => this.#changed());
    this.#area.addEventListener('keydown', (event) => {
      if (event.key === 'Backspace' && textBeforeCaret(this.#area) === '') this.#removeLastChip();
    });
    submitOnEnter(
      this.#area,
      () => this.#submit(),
      () => {
        if (this.#busy) post({ kind: 'stop' });
      },
    );
    this.#area.addEventListener('input', () => this.#changed());
    this.#model = quietButton({ class: 'model', onClick: () => post({ kind: 'openSettings' }) });
    this.#send = button({ class: 'send', look: 'primary', onClick: () => this.#submit() });
    this.#stop = button({
      text: l10n.t('input.stop'),
      title: l10n.t('input.stopTitle'),
      onClick: () => post({ kind: 'stop' }),
    });
    this.element = element(
      'div',
      { class: 'composer' },
      this.#queue,
      element(
        'div',
        { class: 'box' },
        this.#completion.element,
        this.#chips,
        this.#area,
        element(
          'div',
          { class: 'tools' },
          quietButton({
            text: l10n.t('input.attach'),
            title: l10n.t('input.attachTitle'),
            onClick: () => post({ kind: 'attachSelection' }),
          }),
          this.#model,
          this.#stop,
          this.#send,
        ),
      ),
    );
  }

  get draft(): string {
    return this.#area.value;
  }

  /** Puts `text` into the field, in place of what stands there. */
  setDraft(text: string): void {
    setAreaText(this.#area, text);
    this.#changed();
  }

  /** Names that complete what is being typed. */
  offer(request: number, offers: readonly ComposerOffer[]): void {
    this.#completion.show(request, offers);
  }

  /** Moves the focus into the field. `text` is put there, under what the person has written already. */
  focus(text: string | undefined): void {
    // The caret stays where one is about to write.
    if (text === undefined && document.hasFocus() && document.activeElement === this.#area) return;
    if (text !== undefined)
      this.setDraft(this.draft.trim() === '' ? text : `${this.draft.trimEnd()}\n${text}`);
    caretToEnd(this.#area);
  }

  update(snapshot: ChatSnapshot): void {
    const now = JSON.stringify([snapshot.attachments, snapshot.budget, snapshot.queue]);
    if (now !== this.#listsShown) {
      this.#listsShown = now;
      this.#attachments = snapshot.attachments;
      this.#showChips(snapshot);
      this.#showQueue(snapshot.queue);
    }
    this.updateEngine(snapshot.engine);
  }

  updateEngine({ model, configuredModel }: EngineView): void {
    const { l10n } = this.#ui;
    const name = model === undefined ? configuredModel : nameAndQuant(model.name, model.quant);
    setText(this.#model, name ?? l10n.t('input.noModel'));
    this.#model.title = l10n.t('input.modelTitle', { model: name ?? l10n.t('input.noModel') });
  }

  /** `busy`: an answer is on its way. */
  setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#changed();
  }

  #changed(): void {
    const { l10n } = this.#ui;
    const empty = this.draft.trim() === '';
    fitRows(this.#area);
    this.#stop.hidden = !this.#busy;
    // While an answer runs there is nothing to send until something is written.
    this.#send.hidden = this.#busy && empty;
    this.#send.disabled = empty;
    setText(this.#send, l10n.t(this.#busy ? 'input.queue' : 'input.send'));
    this.#send.title = this.#busy ? l10n.t('input.queueTitle') : '';
    this.#onDraft();
  }

  #submit(): void {
    const text = this.draft.trim();
    if (text === '') return;
    this.#ui.post({ kind: 'send', text });
    this.setDraft('');
    this.#completion.close();
    this.#area.focus();
    this.#onSend();
  }

  #removeLastChip(): void {
    const last = this.#attachments.at(-1);
    if (last === undefined) return;
    this.#ui.post({ kind: 'removeAttachment', id: last.id });
    this.#ui.announce(this.#ui.l10n.t('chip.removed', { label: last.label }));
  }

  #showChips({ attachments, budget }: ChatSnapshot): void {
    const list = chipList(this.#ui, attachments, (id) => {
      this.#ui.post({ kind: 'removeAttachment', id });
      this.#area.focus();
    });
    const line = budgetLine(this.#ui, budget);
    this.#chips.replaceChildren(...[list, line].filter((part) => part !== undefined));
  }

  #showQueue(queue: ChatSnapshot['queue']): void {
    const { l10n, post } = this.#ui;
    this.#queue.hidden = queue.length === 0;
    this.#queue.setAttribute('aria-label', l10n.t('queue.title'));
    this.#queue.replaceChildren(
      ...queue.map(({ id, text }) =>
        element(
          'li',
          {},
          element('span', { class: 'muted small', text: l10n.t('queue.title') }),
          element('span', { class: 'queued name', text, title: text, attributes: { dir: 'auto' } }),
          quietButton(
            {
              class: 'bare',
              label: l10n.t('queue.remove', { text }),
              title: l10n.t('queue.remove', { text }),
              onClick: () => {
                post({ kind: 'removeQueued', id });
                this.#area.focus();
              },
            },
            icon('close'),
          ),
        ),
      ),
    );
  }
}

/** File names often carry the quant level already. */
function nameAndQuant(name: string, quant: string): string {
  const known = quant !== '' && quant !== 'unknown' && !name.toLowerCase().includes(quant.toLowerCase());
  return known ? `${name} · ${quant}` : name;
}
