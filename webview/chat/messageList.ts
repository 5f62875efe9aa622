import type { AnswerView, ConversationView, MessageView } from '../../src/protocol/webview';
import { element } from '../dom';
import { Answer } from './answer';
import type { Ui } from './ui';
import { UserMessage } from './userMessage';

type Item = { role: 'user'; view: UserMessage } | { role: 'assistant'; view: Answer };

/** The messages of a conversation, one element each, kept by id from snapshot to snapshot. */
export class MessageList {
  readonly element = element('div', { class: 'messages' });
  readonly #ui: Ui;
  readonly #items = new Map<string, Item>();
  #conversationId = '';

  constructor(ui: Ui) {
    this.#ui = ui;
  }

  /** Shows `conversation`. Returns true where it is another one than before. */
  update(conversation: ConversationView): boolean {
    const other = conversation.id !== this.#conversationId;
    this.#conversationId = conversation.id;
    const wanted = new Set(conversation.messages.map((message) => message.id));
    for (const [id, item] of this.#items) {
      if (!other && wanted.has(id)) continue;
      item.view.element.remove();
      this.#items.delete(id);
    }
    const last = conversation.messages.at(-1);
    let next = this.element.firstElementChild;
    for (const message of conversation.messages) {
      const { element: node } = this.#show(message, message === last).view;
      // Moving an element would take its focus away: only what is out of place moves.
      if (node === next) next = next.nextElementSibling;
      else this.element.insertBefore(node, next);
    }
    return other;
  }

  /** Shows the new state of one running answer. */
  updateAnswer(answer: AnswerView, isLast: boolean): void {
    const item = this.#items.get(answer.id);
    if (item?.role === 'assistant') item.view.update(answer, isLast);
  }

  #show(message: MessageView, isLast: boolean): Item {
    let item = this.#items.get(message.id);
    if (item !== undefined && item.role !== message.role) {
      item.view.element.remove();
      item = undefined;
    }
    item ??=
      message.role === 'user'
        ? { role: 'user', view: new UserMessage(this.#ui) }
        : { role: 'assistant', view: new Answer(this.#ui) };
    this.#items.set(message.id, item);
    if (item.role === 'user' && message.role === 'user') item.view.update(message);
    if (item.role === 'assistant' && message.role === 'assistant') item.view.update(message, isLast);
    return item;
  }
}
