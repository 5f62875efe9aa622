import type { AnswerView } from '../../src/protocol/webview';
import { element } from '../dom';
import { nextSentences, plainWords } from './speech';
import { isRunning } from './stream';
import type { ChatKey } from './ui';
import type { L10n } from '../l10n';

/** Between two announcements of a running answer, in milliseconds: a screen reader needs time to speak. */
const pauseMs = 3000;

/** The page's voice: one polite live region. Never a word for each token, but sentences, and how an answer ended. */
export class Announcer {
  readonly element = element('div', {
    class: 'visually-hidden',
    attributes: { 'aria-live': 'polite', role: 'status' },
  });
  readonly #l10n: L10n<ChatKey>;
  #answerId = '';
  #spoken = 0;
  #last = 0;
  #stage = '';

  constructor(l10n: L10n<ChatKey>) {
    this.#l10n = l10n;
  }

  say(text: string): void {
    if (text !== '') this.element.textContent = text;
  }

  /** Follows the newest answer. Answers that were finished when the page first saw them stay silent. */
  follow(answer: AnswerView, now: number): void {
    const running = isRunning(answer);
    if (answer.id !== this.#answerId) {
      this.#answerId = answer.id;
      this.#spoken = 0;
      this.#last = now;
      this.#stage = running ? '' : 'ended';
    }
    if (this.#stage === 'ended') {
      if (running) this.#answerId = '';
      return;
    }
    if (answer.status.kind === 'reading' && this.#stage !== 'reading') {
      this.#stage = 'reading';
      this.say(this.#l10n.t('say.reading'));
      return;
    }
    if (running && now - this.#last < pauseMs) return;
    this.#last = now;
    const words = plainWords(answer.text);
    const next = running ? nextSentences(words, this.#spoken) : { text: words.slice(this.#spoken), end: 0 };
    this.#spoken = next.end;
    if (running) {
      this.say(next.text);
      return;
    }
    this.#stage = 'ended';
    this.say([next.text.trim(), this.#ending(answer)].filter((part) => part !== '').join('\n'));
  }

  #ending({ status }: AnswerView): string {
    if (status.kind === 'failed') return this.#l10n.t('say.failed', { message: status.message });
    const stopped = status.kind === 'done' && status.stopReason === 'cancelled';
    return this.#l10n.t(stopped ? 'say.stopped' : 'say.done');
  }
}
