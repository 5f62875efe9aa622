import type { ChatMessage } from '../protocol/engine';
import { renderAttachment } from './attachmentText';
import type { Answer, Message, UserMessage } from './conversation';

/** One exchange as the model is shown it: whole turns leave the context, never parts of one. */
export interface Turn {
  /** The first of the person's messages in it. */
  firstMessageId: string;
  /** A user's message, and the answer to it where there is one. */
  messages: ChatMessage[];
}

export interface PrefixParts {
  base: string;
  /** The person's own instructions; empty: none. */
  own: string;
  /** AGENTS.md of the workspace; empty: none. */
  agents: string;
}

/** What every prompt begins with. The order is fixed: an unchanged prefix is never read twice. */
export function systemMessage({ base, own, agents }: PrefixParts): ChatMessage {
  const parts = [base, own.trim(), agents.trim() === '' ? '' : agentsPart(agents)];
  return { role: 'system', content: parts.filter((part) => part !== '').join('\n\n') };
}

/** AGENTS.md as it stands in the prefix; its cost is counted from this text. */
export function agentsPart(agents: string): string {
  return `Instructions of this workspace (AGENTS.md):\n${agents.trim()}`;
}

/**
 * The turns of a conversation, oldest first, the message to answer last. A message whose answer never began joins the
 * next one, since templates want the roles to alternate; one that was refused for its size is left out.
 */
export function renderTurns(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  let waiting: UserMessage[] = [];
  for (const message of messages) {
    if (message.role === 'user') {
      waiting.push(message);
    } else if (message.refused) {
      waiting = waiting.slice(0, -1);
    } else if (message.text !== '' && waiting.length > 0) {
      turns.push(turnOf(waiting, message));
      waiting = [];
    }
  }
  if (waiting.length > 0) turns.push(turnOf(waiting));
  return turns;
}

/** The turns from the one that holds a message on; all of them where none does. */
export function turnsFrom(turns: readonly Turn[], firstMessageId: string | undefined): Turn[] {
  const at = turns.findIndex((turn) => turn.firstMessageId === firstMessageId);
  return turns.slice(Math.max(0, at));
}

function turnOf(asked: readonly UserMessage[], answer?: Answer): Turn {
  const user: ChatMessage = { role: 'user', content: asked.map(userContent).join('\n\n') };
  const messages = answer === undefined ? [user] : [user, answerMessage(answer)];
  return { firstMessageId: asked[0]?.id ?? '', messages };
}

/** Files first, the question last: small models answer what they read last. */
function userContent({ text, attachments }: UserMessage): string {
  return [...attachments.map(renderAttachment), text].filter((part) => part !== '').join('\n\n');
}

function answerMessage({ text, thought }: Answer): ChatMessage {
  return { role: 'assistant', content: text, ...(thought === '' ? {} : { thought }) };
}
