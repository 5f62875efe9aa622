import { describe, expect, it } from 'vitest';
import { HistoryMeter } from '../../../src/engine/measure';
import type { ChatMessage } from '../../../src/protocol/engine';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string, thought?: string): ChatMessage => ({
  role: 'assistant',
  content,
  ...(thought !== undefined && { thought }),
});
const letters = (messages: readonly ChatMessage[]) =>
  messages.reduce((sum, { content }) => sum + content.length + 2, 0);

describe('HistoryMeter', () => {
  it('gives each message what the history grows by with it', () => {
    const meter = new HistoryMeter(letters);
    expect(meter.measure([user('abc'), assistant('de'), user('f')])).toEqual({
      total: 12,
      perMessage: [5, 4, 3],
    });
    expect(meter.measure([])).toEqual({ total: 0, perMessage: [] });
  });

  it('renders nothing twice while a conversation grows', () => {
    let rendered = 0;
    const meter = new HistoryMeter((messages) => {
      rendered++;
      return letters(messages);
    });
    meter.measure([user('a'), assistant('b')]);
    meter.measure([user('a'), assistant('b'), user('c')]);
    expect(rendered).toBe(3);
    meter.measure([user('other'), assistant('b'), user('c')]);
    expect(rendered).toBe(6);
  });

  it('counts a message that cannot stand alone with the next one', () => {
    const meter = new HistoryMeter((messages) => {
      if (messages.length === 1 && messages[0]?.role === 'system') throw new Error('a user comes first');
      return letters(messages);
    });
    expect(meter.measure([{ role: 'system', content: 'abc' }, user('de')])).toEqual({
      total: 9,
      perMessage: [0, 9],
    });
    expect(() => meter.measure([{ role: 'system', content: 'abc' }])).toThrow('a user comes first');
  });

  it('keeps the sum right where a template drops what it had before', () => {
    // The thoughts of a turn count until another turn follows.
    const meter = new HistoryMeter((messages) => {
      const thought = messages.at(-1)?.thought?.length ?? 0;
      return letters(messages) + thought;
    });
    const { total, perMessage } = meter.measure([user('a'), assistant('b', 'long thoughts'), user('c')]);
    expect(total).toBe(9);
    expect(perMessage.reduce((sum, count) => sum + count, 0)).toBe(9);
    expect(Math.min(...perMessage)).toBeGreaterThanOrEqual(0);
  });
});
