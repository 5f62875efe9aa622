import type { AnswerView } from '../../src/protocol/webview';
import { element, quietButton, setText } from '../dom';
import { AnswerStatusLine, statsLine } from './answerStatus';
import { MarkdownView } from './markdownView';
import { isRunning } from './stream';
import type { Ui } from './ui';

/** An answer of the model's: its thoughts, its text, how far it is, and its figures at the end. */
export class Answer {
  readonly element: HTMLElement;
  readonly #ui: Ui;
  readonly #text: MarkdownView;
  readonly #status: AnswerStatusLine;
  readonly #foot = element('div', { class: 'foot' });
  readonly #thought = element('details', { class: 'thought' });
  readonly #thoughtTitle = element('summary', { class: 'muted' });
  readonly #thoughtText = document.createTextNode('');
  /** True once the person has opened or closed the thoughts: from then on they stay so. */
  #thoughtChosen = false;
  #answer: AnswerView | undefined;
  #footShown = '';

  constructor(ui: Ui) {
    this.#ui = ui;
    this.#text = new MarkdownView(ui);
    this.#status = new AnswerStatusLine(ui, () => this.#answer?.id ?? '');
    this.#thought.append(
      this.#thoughtTitle,
      element('div', { class: 'thought-text muted', attributes: { dir: 'auto' } }, this.#thoughtText),
    );
    this.#thoughtTitle.addEventListener('click', () => (this.#thoughtChosen = true));
    this.#thought.hidden = true;
    this.element = element(
      'article',
      { class: 'message answer' },
      element('h3', { class: 'visually-hidden', text: ui.l10n.t('message.answer') }),
      this.#thought,
      this.#text.element,
      this.#status.element,
      this.#foot,
    );
  }

  /** `isLast`: it may be asked for again. */
  update(answer: AnswerView, isLast: boolean): void {
    this.#answer = answer;
    const running = isRunning(answer);
    this.#updateThought(answer, running);
    this.#text.update(answer.text, !running);
    this.#status.update(answer.status, answer.text === '' && answer.thought !== '');
    this.element.setAttribute('aria-busy', String(running));
    this.#updateFoot(answer, running, isLast);
  }

  #updateThought(answer: AnswerView, running: boolean): void {
    const { l10n } = this.#ui;
    this.#thought.hidden = answer.thought === '';
    if (answer.thought === '') return;
    const shown = this.#thoughtText.data;
    if (answer.thought.startsWith(shown)) this.#thoughtText.appendData(answer.thought.slice(shown.length));
    else this.#thoughtText.data = answer.thought;
    const thinking = running && answer.text === '';
    const seconds = answer.thoughtSeconds;
    const time = seconds === null ? undefined : { seconds: l10n.number(seconds, seconds < 10 ? 1 : 0) };
    if (time === undefined) setText(this.#thoughtTitle, l10n.t(thinking ? 'thought.now' : 'thought.done'));
    else setText(this.#thoughtTitle, l10n.t(thinking ? 'thought.nowSeconds' : 'thought.doneSeconds', time));
    if (!this.#thoughtChosen && this.#thought.open !== thinking) this.#thought.open = thinking;
  }

  #updateFoot(answer: AnswerView, running: boolean, isLast: boolean): void {
    const { l10n, post } = this.#ui;
    const now = JSON.stringify([running, isLast, answer.status.kind, answer.stats, answer.text === '']);
    if (now === this.#footShown) return;
    this.#footShown = now;
    this.#foot.replaceChildren();
    if (running) return;
    if (answer.stats !== undefined) this.#foot.append(statsLine(this.#ui, answer.stats));
    const actions = element('div', { class: 'actions' });
    if (answer.text !== '') {
      actions.append(
        quietButton({
          class: 'small',
          text: l10n.t('message.copy'),
          label: l10n.t('message.copyTitle'),
          title: l10n.t('message.copyTitle'),
          onClick: () => {
            const code = this.#answer?.text ?? '';
            post({ kind: 'code', action: 'copy', code, language: 'markdown' });
            this.#ui.announce(l10n.t('code.copied'));
          },
        }),
      );
    }
    const offersRetry = answer.status.kind === 'failed' && answer.status.action === 'retry';
    if (isLast && !offersRetry) {
      actions.append(
        quietButton({
          class: 'small',
          text: l10n.t('message.retry'),
          label: l10n.t('message.retryTitle'),
          title: l10n.t('message.retryTitle'),
          onClick: () => post({ kind: 'retry', answerId: answer.id }),
        }),
      );
    }
    if (actions.childElementCount > 0) this.#foot.append(actions);
  }
}
