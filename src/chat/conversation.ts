import type { AnswerStats, AnswerStatus } from '../protocol/webview';
import type { Attachment } from './chatApi';

/** A conversation as it is kept. Immutable: each operation gives a new one. */
export interface Conversation {
  readonly id: string;
  readonly title: string;
  /** True once the person named it: the first message then no longer does. */
  readonly named: boolean;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly updated: number;
  readonly messages: readonly Message[];
  /** Set where older turns have left the context. */
  readonly memory: Memory | undefined;
}

export type Message = UserMessage | Answer;

export interface UserMessage {
  readonly role: 'user';
  readonly id: string;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** Nothing may be left out of them. */
  readonly whole?: boolean;
}

export interface Answer {
  readonly role: 'assistant';
  readonly id: string;
  readonly text: string;
  readonly thought: string;
  readonly thoughtSeconds: number | null;
  readonly status: AnswerStatus;
  readonly stats: AnswerStats | undefined;
  /** True where the message before it was refused for its size: the model is never shown it. */
  readonly refused: boolean;
}

/** Where the model's memory begins, and what beginning there has cost. */
export interface Memory {
  /** The first message that is still sent. */
  readonly firstMessageId: string;
  readonly droppedTurns: number;
  readonly rereadTokens: number;
  /** null: no prefill was measured yet. */
  readonly rereadSeconds: number | null;
  /** Context that it was cut for; a larger one brings everything back. */
  readonly contextSize: number;
}

export function newConversation(id: string, title: string, now: number): Conversation {
  return { id, title, named: false, created: now, updated: now, messages: [], memory: undefined };
}

export function newAnswer(id: string): Answer {
  return {
    role: 'assistant',
    id,
    text: '',
    thought: '',
    thoughtSeconds: null,
    status: { kind: 'waiting' },
    stats: undefined,
    refused: false,
  };
}

/** Adds messages at the end; the first user's message gives an unnamed conversation its title. */
export function append(conversation: Conversation, messages: readonly Message[], now: number): Conversation {
  const first = messages.find((message) => message.role === 'user');
  const untitled = !conversation.named && conversation.messages.length === 0;
  const title = untitled && first?.role === 'user' ? titleOf(first) : '';
  return {
    ...conversation,
    title: title === '' ? conversation.title : title,
    updated: now,
    messages: [...conversation.messages, ...messages],
  };
}

/** Changes one answer; without it the conversation stays as it is. */
export function updateAnswer(
  conversation: Conversation,
  answerId: string,
  change: Partial<Omit<Answer, 'role' | 'id'>>,
): Conversation {
  return {
    ...conversation,
    messages: conversation.messages.map((message) =>
      message.id === answerId && message.role === 'assistant' ? { ...message, ...change } : message,
    ),
  };
}

/** Changes what goes along with one of the person's messages. */
export function replaceAttachments(
  conversation: Conversation,
  messageId: string,
  attachments: readonly Attachment[],
): Conversation {
  return {
    ...conversation,
    messages: conversation.messages.map((message) =>
      message.id === messageId && message.role === 'user' ? { ...message, attachments } : message,
    ),
  };
}

/** Takes a message and all that follow it away. Memory that began in what was cut begins at the start again. */
export function cutFrom(conversation: Conversation, messageId: string): Conversation {
  const at = conversation.messages.findIndex((message) => message.id === messageId);
  if (at < 0) return conversation;
  const messages = conversation.messages.slice(0, at);
  const { memory } = conversation;
  const kept = memory !== undefined && messages.some((message) => message.id === memory.firstMessageId);
  return { ...conversation, messages, memory: kept ? memory : undefined };
}

/** Gives the conversation the person's own title. An empty one changes nothing. */
export function rename(conversation: Conversation, title: string): Conversation {
  const text = oneLine(title);
  return text === '' ? conversation : { ...conversation, title: shorten(text, 200), named: true };
}

export function findAnswer(conversation: Conversation, id: string): Answer | undefined {
  const message = conversation.messages.find((candidate) => candidate.id === id);
  return message?.role === 'assistant' ? message : undefined;
}

/** True while an answer is being made. */
export function isRunning(status: AnswerStatus): boolean {
  return status.kind !== 'done' && status.kind !== 'failed';
}

/** What a person would miss if these messages went: their own words, or an answer that has any. */
export function holdsContent(messages: readonly Message[]): boolean {
  return messages.some((message) => message.role === 'user' || message.text !== '' || message.thought !== '');
}

const titleLength = 60;

function titleOf(message: UserMessage): string {
  const line = message.text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  const text = oneLine(line);
  if (text !== '') return shorten(text, titleLength);
  return shorten(message.attachments.map(({ label }) => label).join(', '), titleLength);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

const graphemes = new Intl.Segmenter();

/** Cuts at a space where there is one near the end, and never inside what a person sees as one character. */
function shorten(text: string, length: number): string {
  // Enough for any title, and a pasted file is not walked through.
  const head = text.slice(0, 20 * length);
  const characters = Array.from(graphemes.segment(head), ({ segment }) => segment);
  if (characters.length <= length) return text;
  const cut = characters.slice(0, length - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > cut.length / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
