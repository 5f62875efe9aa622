import type { ChatMessage } from '../protocol/engine';
import { problem } from './failure';
import type { ChatHistory } from './llama';

/** A conversation as the library takes it, with the open turn of the model at its end. */
export function historyToAnswer(messages: readonly ChatMessage[]): ChatHistory {
  if (messages.at(-1)?.role !== 'user') {
    throw problem('badRequest', 'the history must end with a message of the user');
  }
  return openHistory(messages);
}

/** Also for histories that end otherwise, as a part of one does. */
export function openHistory(messages: readonly ChatMessage[]): ChatHistory {
  const history = messages.map(historyItem);
  // A model's turn at the end stays as it is, and closed: the template adds what ends it.
  return history.at(-1)?.type === 'model' ? history : [...history, { type: 'model', response: [] }];
}

function historyItem({ role, content, thought }: ChatMessage): ChatHistory[number] {
  switch (role) {
    case 'system':
      return { type: 'system', text: content };
    case 'user':
      return { type: 'user', text: content };
    case 'assistant':
      return {
        type: 'model',
        response:
          thought === undefined || thought === ''
            ? [content]
            : [{ type: 'segment', segmentType: 'thought', text: thought, ended: true }, content],
      };
  }
}
