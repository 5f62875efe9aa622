import * as v from 'valibot';
import { mentionKinds } from '../protocol/mentions';
import type { AnswerStatus } from '../protocol/webview';
import { isRunning, type Conversation, type Message } from './conversation';

/** Written into each file; a file of a newer version is left alone. */
const version = 1;

const count = v.pipe(v.number(), v.finite());
const attachment = v.object({
  id: v.string(),
  label: v.string(),
  path: v.string(),
  uri: v.string(),
  languageId: v.string(),
  text: v.string(),
  lines: v.exactOptional(v.object({ start: count, end: count })),
  kind: v.exactOptional(v.picklist(mentionKinds)),
  wholeTokens: v.exactOptional(count),
});
const userMessage = v.object({
  role: v.literal('user'),
  id: v.string(),
  text: v.string(),
  attachments: v.array(attachment),
  whole: v.exactOptional(v.boolean()),
});
const status = v.variant('kind', [
  v.object({ kind: v.literal('interrupted') }),
  v.object({
    kind: v.literal('done'),
    stopReason: v.picklist(['end', 'maxTokens', 'contextFull', 'cancelled']),
  }),
  v.object({
    kind: v.literal('failed'),
    message: v.string(),
    action: v.optional(v.picklist(['retry', 'openSettings', 'chooseModel', 'showLog'])),
  }),
]);
const answer = v.object({
  role: v.literal('assistant'),
  id: v.string(),
  text: v.string(),
  thought: v.string(),
  thoughtSeconds: v.nullable(count),
  status,
  stats: v.optional(
    v.object({
      tokens: count,
      tokensPerSecond: v.nullable(count),
      firstTokenSeconds: v.nullable(count),
      promptTokens: count,
      reusedTokens: count,
    }),
  ),
  refused: v.boolean(),
});
const file = v.object({
  version: v.literal(version),
  id: v.string(),
  title: v.string(),
  named: v.boolean(),
  created: count,
  updated: count,
  messages: v.array(v.variant('role', [userMessage, answer])),
  memory: v.optional(
    v.object({
      firstMessageId: v.string(),
      droppedTurns: count,
      rereadTokens: count,
      rereadSeconds: v.nullable(count),
      contextSize: count,
    }),
  ),
});
const anyVersion = v.object({ version: v.number() });

export type ParsedFile = { kind: 'conversation'; conversation: Conversation } | { kind: 'newer' | 'damaged' };

/** A conversation as the text of its file. An answer that still runs is written as interrupted. */
export function formatConversation(conversation: Conversation): string {
  const messages = conversation.messages.map((message) =>
    message.role === 'assistant' && isRunning(message.status)
      ? { ...message, status: { kind: 'interrupted' } }
      : message,
  );
  return `${JSON.stringify({ version, ...conversation, messages }, undefined, 1)}\n`;
}

/**
 * Reads a file's text. Never throws.
 * @param id the id that the file's name gives
 * @param interrupted what is said of an answer that was cut off
 */
export function parseConversation(text: string, id: string, interrupted: string): ParsedFile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { kind: 'damaged' };
  }
  const versioned = v.safeParse(anyVersion, data);
  if (versioned.success && versioned.output.version > version) return { kind: 'newer' };
  const parsed = v.safeParse(file, data);
  if (!parsed.success || parsed.output.id !== id) return { kind: 'damaged' };
  const { messages, memory, title, named, created, updated } = parsed.output;
  return {
    kind: 'conversation',
    conversation: {
      ...{ id, title, named, created, updated, memory },
      messages: messages.map((message): Message =>
        message.role === 'user'
          ? message
          : { ...message, stats: message.stats, status: statusOf(message.status, interrupted) },
      ),
    },
  };
}

function statusOf(status: v.InferOutput<typeof answer>['status'], interrupted: string): AnswerStatus {
  if (status.kind === 'interrupted') return { kind: 'failed', message: interrupted, action: 'retry' };
  return status.kind === 'failed' ? { ...status, action: status.action } : status;
}
