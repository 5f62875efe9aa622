import type { AnswerView, ConversationView, MessageView } from '../../src/protocol/webview';
import { element } from '../dom';
import { Answer } from './answer';
import { isRunning } from './stream';
import type { Ui } from './ui';
import { UserMessage } from './userMessage';

type Item = ({ role: 'user'; view: UserMessage } | { role: 'assistant'; view: Answer }) & {
  /** False while its element is there, but still empty. */
  filled: boolean;
};

/** So much text at the end of a conversation is there before it is first drawn: more than a view holds. Characters. */
const atOnce = 4000;
/** What an empty message counts for among them. */
const leastLength = 100;
/** How long messages are filled in one pause between frames. Milliseconds. */
const fillFor = 12;
/** While an answer runs, one message is filled at a time, with so long a rest before: less often than it is drawn. */
const restRunning = 50;

/** A place in the conversation: a message, and how far its top is below that of the view. Pixels. */
export interface Place {
  id: string;
  offset: number;
}

/**
 * The messages of a conversation, one element each, kept by id from snapshot to snapshot. A long one opens at once:
 * its end is filled first, the rest in the pauses between frames, and what comes into view before its turn.
 */
export class MessageList {
  readonly element = element('div', { class: 'messages' });
  readonly #ui: Ui;
  readonly #items = new Map<string, Item>();
  /** What is still to be filled, the last message first. */
  #due = new Map<string, MessageView>();
  #conversationId = '';
  #waiting = false;
  #running = false;

  constructor(ui: Ui) {
    this.#ui = ui;
    this.element.addEventListener('contentvisibilityautostatechange', (event) => {
      const appears = event instanceof ContentVisibilityAutoStateChangeEvent && !event.skipped;
      if (appears && event.target instanceof HTMLElement) this.fill(event.target.dataset['id'] ?? '');
    });
  }

  /** Shows `conversation`. Returns true where it is another one than before. */
  update(conversation: ConversationView): boolean {
    const { messages } = conversation;
    const other = conversation.id !== this.#conversationId;
    this.#conversationId = conversation.id;
    const wanted = new Set(messages.map((message) => message.id));
    for (const [id, item] of this.#items) {
      if (!other && wanted.has(id)) continue;
      item.view.element.remove();
      this.#items.delete(id);
    }
    let next = this.element.firstElementChild;
    const due: MessageView[] = [];
    const last = messages.at(-1);
    const first = firstAtOnce(messages);
    messages.forEach((message, index) => {
      const item = this.#item(message);
      if (item.filled || index >= first) show(item, message, message === last);
      else due.push(message);
      // Moving an element would take its focus away: only what is out of place moves.
      const node = item.view.element;
      if (node === next) next = next.nextElementSibling;
      else this.element.insertBefore(node, next);
    });
    this.#running = last?.role === 'assistant' && isRunning(last);
    this.#due = new Map(due.reverse().map((message) => [message.id, message]));
    this.#fillLater();
    return other;
  }

  /** Shows the new state of one running answer. */
  updateAnswer(answer: AnswerView, isLast: boolean): void {
    const item = this.#items.get(answer.id);
    if (item?.filled === true) show(item, answer, isLast);
  }

  /** Fills a message now, where that is still to be done. */
  fill(id: string): void {
    const message = this.#due.get(id);
    const item = this.#items.get(id);
    this.#due.delete(id);
    if (message !== undefined && item !== undefined) show(item, message, false);
  }

  /** The first message that reaches below `top`, in pixels of the window. */
  placeAt(top: number): Place | undefined {
    for (const [id, { view }] of this.#items) {
      const box = view.element.getBoundingClientRect();
      if (box.bottom > top) return { id, offset: box.top - top };
    }
    return undefined;
  }

  /** How far a message is below `top`, in pixels; undefined where it is not there. It can then be scrolled to. */
  distance(id: string, top: number): number | undefined {
    this.fill(id);
    const node = this.#items.get(id)?.view.element;
    // A message that grows to its size only once it is in view pushes the page on.
    node?.classList.add('laid-out');
    return node && node.getBoundingClientRect().top - top;
  }

  #item(message: MessageView): Item {
    const { id, role } = message;
    const known = this.#items.get(id);
    if (known?.role === role) return known;
    known?.view.element.remove();
    const item: Item =
      role === 'user'
        ? { role, view: new UserMessage(this.#ui), filled: false }
        : { role, view: new Answer(this.#ui), filled: false };
    item.view.element.dataset['id'] = id;
    this.#items.set(id, item);
    return item;
  }

  #fillLater(): void {
    if (this.#waiting || this.#due.size === 0) return;
    this.#waiting = true;
    if (this.#running) setTimeout(() => this.#fillInPause(), restRunning);
    else this.#fillInPause();
  }

  #fillInPause(): void {
    requestIdleCallback((pause) => {
      this.#waiting = false;
      const end = performance.now() + Math.min(fillFor, pause.timeRemaining());
      for (const id of this.#due.keys()) {
        this.fill(id);
        if (this.#running || performance.now() > end) break;
      }
      this.#fillLater();
    });
  }
}

function firstAtOnce(messages: readonly MessageView[]): number {
  let length = 0;
  let index = messages.length;
  while (index > 0 && length < atOnce) length += leastLength + (messages[--index]?.text.length ?? 0);
  return index;
}

function show(item: Item, message: MessageView, isLast: boolean): void {
  item.filled = true;
  if (item.role === 'user' && message.role === 'user') item.view.update(message);
  if (item.role === 'assistant' && message.role === 'assistant') item.view.update(message, isLast);
}
