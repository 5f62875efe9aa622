import type { AnswerView, ChatEvent, ConversationView } from '../../src/protocol/webview';

export type StreamEvent = Extract<ChatEvent, { kind: 'stream' }>;

/**
 * Adds a piece to its answer in `conversation`, in place, and returns the answer.
 * undefined: a piece before this one was missed, or the answer is unknown; a whole snapshot must be asked for.
 */
export function applyStream(conversation: ConversationView, event: StreamEvent): AnswerView | undefined {
  const answer = conversation.messages.findLast((message) => message.id === event.answerId);
  if (answer?.role !== 'assistant') return undefined;
  if (event.textOffset > answer.text.length || event.thoughtOffset > answer.thought.length) return undefined;
  // A piece may overlap what a snapshot has brought already.
  answer.text = splice(answer.text, event.textOffset, event.text);
  answer.thought = splice(answer.thought, event.thoughtOffset, event.thought);
  answer.status = event.status;
  return answer;
}

/** Whether an answer is still on its way. */
export function isRunning(answer: AnswerView): boolean {
  return answer.status.kind !== 'done' && answer.status.kind !== 'failed';
}

function splice(text: string, offset: number, piece: string): string {
  return offset === text.length ? text + piece : text.slice(0, offset) + piece;
}
