import type { AnswerStats, AnswerStatus, FailureAction } from '../../src/protocol/webview';
import { button, progressRing } from '../components';
import { assertNever, element, quietButton, setText } from '../dom';
import type { Ui } from './ui';

/** The lines under an answer that say what is going on, or how it ended. */
export class AnswerStatusLine {
  readonly element = element('div', { class: 'status' });
  readonly #ui: Ui;
  readonly #answerId: () => string;
  /** What the nodes were made for. */
  #face = '';
  #text: HTMLElement | undefined;
  #detail: HTMLElement | undefined;
  #fill: HTMLElement | undefined;
  #bar: HTMLElement | undefined;

  constructor(ui: Ui, answerId: () => string) {
    this.#ui = ui;
    this.#answerId = answerId;
  }

  /** `thinking`: only thoughts have come so far. */
  update(status: AnswerStatus, thinking: boolean): void {
    const face = faceOf(status);
    if (face !== this.#face) {
      this.#face = face;
      this.element.replaceChildren(...this.#nodes(status));
    }
    const { l10n } = this.#ui;
    if (status.kind === 'reading') this.#updateReading(status);
    if (status.kind === 'streaming' && this.#detail !== undefined) {
      if (this.#text !== undefined)
        setText(this.#text, l10n.t(thinking ? 'thought.now' : 'status.streaming'));
      const rate = status.tokensPerSecond;
      setText(
        this.#detail,
        rate > 0 ? l10n.t('status.rate', { rate: l10n.number(rate, rate < 100 ? 1 : 0) }) : '',
      );
    }
  }

  #nodes(status: AnswerStatus): Node[] {
    const { l10n } = this.#ui;
    const line = (): HTMLElement => {
      this.#text = element('span');
      this.#detail = element('span', { class: 'muted' });
      return element('div', { class: 'progress' }, this.#text, ' ', this.#detail);
    };
    switch (status.kind) {
      case 'waiting': {
        const { ahead = 0 } = status;
        const text = ahead > 0 ? l10n.t('status.queued', { ahead }) : l10n.t('status.waiting');
        return [element('div', { class: 'row muted' }, progressRing(text), text)];
      }
      case 'paused':
        return [element('div', { class: 'row muted', text: l10n.t('status.paused') })];
      case 'reading': {
        this.#fill = element('div', { class: 'fill' });
        this.#bar = element(
          'div',
          {
            class: 'track',
            attributes: { role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' },
          },
          this.#fill,
        );
        return [line(), this.#bar, this.#stop()];
      }
      case 'streaming':
        return [element('div', { class: 'live' }, line())];
      case 'stopping':
        return [element('div', { class: 'row muted', text: `${l10n.t('status.stopping')}…` })];
      case 'done':
        if (status.stopReason === 'end') return [];
        return [element('div', { class: 'note muted', text: l10n.t(`status.${status.stopReason}`) })];
      case 'failed':
        return [this.#failure(status.message, status.action)];
      default:
        return assertNever(status);
    }
  }

  #updateReading(status: Extract<AnswerStatus, { kind: 'reading' }>): void {
    const { l10n } = this.#ui;
    const { done, total, reused, tokensPerSecond: rate, secondsLeft } = status;
    const tokens = Math.max(0, total - reused);
    const fraction = tokens === 0 ? 0 : Math.min(1, Math.max(0, (done - reused) / tokens));
    const text = l10n.t('status.reading', { tokens });
    const details: string[] = [];
    if (rate > 0) details.push(l10n.t('status.rate', { rate: l10n.number(rate, rate < 100 ? 1 : 0) }));
    if (secondsLeft !== null) details.push(this.#timeLeft(secondsLeft));
    const percent = `${Math.round(fraction * 100)}`;
    if (this.#text !== undefined) {
      setText(this.#text, text);
      const title = l10n.t('status.readingTitle', { done, total, reused });
      if (this.#text.parentElement !== null) this.#text.parentElement.title = title;
    }
    if (this.#detail !== undefined) setText(this.#detail, details.map((detail) => `· ${detail}`).join(' '));
    if (this.#fill !== undefined) this.#fill.style.inlineSize = `${percent}%`;
    this.#bar?.setAttribute('aria-valuenow', percent);
    this.#bar?.setAttribute('aria-label', text);
  }

  #timeLeft(seconds: number): string {
    const { l10n } = this.#ui;
    return seconds < 90
      ? l10n.t('status.secondsLeft', { seconds: Math.max(1, Math.round(seconds)) })
      : l10n.t('status.minutesLeft', { minutes: Math.round(seconds / 60) });
  }

  #stop(): HTMLElement {
    return quietButton({
      class: 'flush',
      text: this.#ui.l10n.t('status.stopReading'),
      onClick: () => this.#ui.post({ kind: 'stop' }),
    });
  }

  #failure(message: string, action: FailureAction | undefined): HTMLElement {
    const { l10n, post } = this.#ui;
    const run: Record<FailureAction, () => void> = {
      retry: () => post({ kind: 'retry', answerId: this.#answerId() }),
      openSettings: () => post({ kind: 'openSettings' }),
      chooseModel: () => post({ kind: 'chooseModel' }),
      showLog: () => post({ kind: 'showLog' }),
    };
    const first = action === undefined || action === 'showLog' ? undefined : action;
    return element(
      'div',
      { class: 'failure' },
      element('p', { text: message, attributes: { dir: 'auto' } }),
      element(
        'div',
        { class: 'row' },
        first === undefined ? undefined : button({ text: l10n.t(`action.${first}`), onClick: run[first] }),
        quietButton({ text: l10n.t('action.showLog'), onClick: run.showLog }),
      ),
    );
  }
}

/** Two states with the same face differ in numbers alone: their elements stay, and with them the focus. */
function faceOf(status: AnswerStatus): string {
  if (status.kind === 'done') return `done ${status.stopReason}`;
  if (status.kind === 'waiting') return `waiting ${status.ahead ?? 0}`;
  if (status.kind === 'failed') return `failed ${status.action ?? ''} ${status.message}`;
  return status.kind;
}

/** The line that each finished answer ends with. All of it was measured, as its tooltip says. */
export function statsLine(ui: Ui, stats: AnswerStats): HTMLElement {
  const { l10n } = ui;
  const line = element('div', {
    class: 'stats muted small number',
    title: l10n.t('stats.title'),
  });
  const add = (text: string, title?: string): void =>
    line.append(element('span', title === undefined ? { text } : { text, title }));
  add(l10n.t('stats.tokens', { tokens: stats.tokens }));
  const rate = stats.tokensPerSecond;
  if (rate !== null) add(l10n.t('status.rate', { rate: l10n.number(rate, rate < 100 ? 1 : 0) }));
  if (stats.firstTokenSeconds !== null) {
    const seconds = stats.firstTokenSeconds;
    add(l10n.t('stats.firstToken', { seconds: l10n.number(seconds, seconds < 1 ? 2 : 1) }));
  }
  if (stats.promptTokens > 0) {
    const { reusedTokens: reused, promptTokens: total } = stats;
    add(
      l10n.t('stats.reused', { reused, total }),
      `${l10n.t('stats.reusedTitle')}. ${l10n.t('stats.title')}.`,
    );
  }
  return line;
}
