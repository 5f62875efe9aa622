import type { ChatMessage } from '../protocol/engine';
import { problem } from './failure';
import type { ChatHistory } from './llamaSession';

/** A conversation as the library takes it, with the open turn of the model at its end. */
export function historyToAnswer(messages: readonly ChatMessage[]): ChatHistory {
  const last = messages.at(-1);
  if (last?.role !== 'user' && !hasCalls(last)) {
    throw problem('badRequest', 'the history must end with a message of the user or results of tools');
  }
  return openHistory(messages);
}

/** Also for histories that end otherwise, as a part of one does. */
export function openHistory(messages: readonly ChatMessage[]): ChatHistory {
  const history = messages.reduce<ChatHistory>((items, message, index) => {
    const item = historyItem(message);
    const before = items.at(-1);
    // The library has calls, their results and what is said after them in one turn of the model's.
    if (item.type === 'model' && before?.type === 'model' && hasCalls(messages[index - 1])) {
      before.response.push(...item.response);
    } else {
      items.push(item);
    }
    return items;
  }, []);
  // A model's turn at the end stays as it is, and closed: the template adds what ends it.
  return history.at(-1)?.type === 'model' ? history : [...history, { type: 'model', response: [] }];
}

/** Tokens of a history; may throw where a template refuses one. */
type Render = (history: ChatHistory) => readonly number[];

/** How many tokens of a prompt every conversation with its system message begins with; 0 without one. */
export function sharedPrefix(
  messages: readonly ChatMessage[],
  tokens: readonly number[],
  render: Render,
): number {
  const [first, second] = messages;
  if (first?.role !== 'system' || second === undefined) return 0;
  return commonTokens(tokens, [first, another(second)], render);
}

/** How many tokens of a prompt stay the same, however its last message is edited. */
export function lastTurnStart(
  messages: readonly ChatMessage[],
  tokens: readonly number[],
  render: Render,
): number {
  const last = messages.at(-1);
  return last === undefined ? 0 : commonTokens(tokens, [...messages.slice(0, -1), another(last)], render);
}

/** Another message than the one that is there, from its first character on. */
function another({ role, content }: ChatMessage): ChatMessage {
  return { role, content: content.startsWith('a') ? 'b' : 'a' };
}

function commonTokens(tokens: readonly number[], other: readonly ChatMessage[], render: Render): number {
  try {
    return commonLength(tokens, render(openHistory(other)));
  } catch {
    return 0;
  }
}

/** How many tokens two prompts begin with alike. */
export function commonLength(one: readonly number[], other: readonly number[]): number {
  const different = one.findIndex((token, index) => token !== other[index]);
  return different === -1 ? one.length : different;
}

function hasCalls(message: ChatMessage | undefined): boolean {
  return message?.toolCalls !== undefined && message.toolCalls.length > 0;
}

function historyItem({ role, content, thought, toolCalls = [] }: ChatMessage): ChatHistory[number] {
  switch (role) {
    case 'system':
      return { type: 'system', text: content };
    case 'user':
      return { type: 'user', text: content };
    case 'assistant':
      return {
        type: 'model',
        response: [
          ...(thought === undefined || thought === ''
            ? []
            : [{ type: 'segment' as const, segmentType: 'thought' as const, text: thought, ended: true }]),
          ...(content === '' && toolCalls.length > 0 ? [] : [content]),
          ...toolCalls.map(({ name, input, result }, index) => ({
            type: 'functionCall' as const,
            ...{ name, params: input, result },
            startsNewChunk: index === 0,
          })),
        ],
      };
  }
}
