import { createHash } from 'node:crypto';
import type { ChatMessage } from '../protocol/engine';

/** Histories remembered; a conversation's meter asks for the same beginnings again and again. */
const remembered = 512;

/**
 * Counts the tokens of each message of a history: those that the rendering of the history up to and with it has
 * more than the one without it. What the template puts around a message therefore counts as its share.
 */
export class HistoryMeter {
  private readonly lengths = new Map<string, number>();

  /** @param render tokens of a history as the template renders it, open for an answer; throws where it cannot */
  constructor(private readonly render: (messages: readonly ChatMessage[]) => number) {}

  measure(messages: readonly ChatMessage[]): { total: number; perMessage: number[] } {
    const perMessage: number[] = [];
    let longest = 0;
    let key = '';
    for (const [index, message] of messages.entries()) {
      key = createHash('sha1')
        .update(key)
        .update(
          JSON.stringify([message.role, message.content, message.thought ?? '', message.toolCalls ?? []]),
        )
        .digest('base64');
      const isWhole = index === messages.length - 1;
      const length = this.length(key, messages.slice(0, index + 1), isWhole) ?? longest;
      // Some templates drop the thoughts of earlier turns: a longer beginning may have fewer tokens.
      perMessage.push(Math.max(0, length - longest));
      longest = Math.max(longest, length);
      if (isWhole) balance(perMessage, length);
    }
    return { total: perMessage.reduce((sum, count) => sum + count, 0), perMessage };
  }

  private length(key: string, messages: readonly ChatMessage[], isWhole: boolean): number | undefined {
    const known = this.lengths.get(key);
    if (known !== undefined) return known;
    let length: number;
    try {
      length = this.render(messages);
    } catch (error) {
      if (isWhole) throw error;
      // Templates may refuse a system message alone: the next message then counts for both.
      return undefined;
    }
    const oldest = this.lengths.keys().next().value;
    if (this.lengths.size >= remembered && oldest !== undefined) this.lengths.delete(oldest);
    this.lengths.set(key, length);
    return length;
  }
}

/** Takes from the latest messages what the sum has too much. */
function balance(perMessage: number[], total: number): void {
  let excess = perMessage.reduce((sum, count) => sum + count, 0) - total;
  for (let index = perMessage.length - 1; index >= 0 && excess > 0; index--) {
    const taken = Math.min(excess, perMessage[index] ?? 0);
    perMessage[index] = (perMessage[index] ?? 0) - taken;
    excess -= taken;
  }
}
