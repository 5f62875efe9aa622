import type { ChatEvent } from '../protocol/webview';
import type { Clock } from './clock';
import type { Answer } from './conversation';

/** Pieces that arrive within this time go to the page together. Milliseconds. */
const gatherFor = 30;

/** Turns the growing answer into `stream` events: at once where nothing was sent lately, else gathered. */
export class AnswerStream {
  readonly #clock: Clock;
  readonly #emit: (event: ChatEvent) => void;
  #sent = { text: 0, thought: 0 };
  #answer: Answer | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, emit: (event: ChatEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** The answer has grown, or its status has changed. */
  update(answer: Answer): void {
    if (this.#cancelTimer === undefined) this.#send(answer);
    else this.#answer = answer;
  }

  /** A snapshot with this state of the answer is about to be sent: pieces go on from there. */
  resync(answer: Answer | undefined): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#answer = undefined;
    this.#sent = { text: answer?.text.length ?? 0, thought: answer?.thought.length ?? 0 };
  }

  #send(answer: Answer): void {
    const { id, text, thought, status } = answer;
    this.#emit({
      kind: 'stream',
      answerId: id,
      textOffset: this.#sent.text,
      text: text.slice(this.#sent.text),
      thoughtOffset: this.#sent.thought,
      thought: thought.slice(this.#sent.thought),
      status,
    });
    this.#sent = { text: text.length, thought: thought.length };
    this.#answer = undefined;
    this.#cancelTimer = this.#clock.after(gatherFor, () => {
      this.#cancelTimer = undefined;
      if (this.#answer !== undefined) this.#send(this.#answer);
    });
  }
}
