import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PieceFeed } from '../../../src/engine/pieceFeed';
import type { ChatProgress } from '../../../src/protocol/engine';

const piece = (text: string, kind: 'text' | 'thought' = 'text'): ChatProgress => ({
  kind,
  text,
  tokens: 1,
  tokensPerSecond: 100,
});

describe('the pieces of an answer on the wire', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  function feeding() {
    const sent: ChatProgress[] = [];
    return { sent, feed: new PieceFeed((progress) => void sent.push(progress)) };
  }

  it('are sent at once at first, then gathered until a token comes later, none lost', () => {
    const { sent, feed } = feeding();
    for (const text of ['a', 'b', 'c']) feed.add(piece(text));
    expect(sent).toEqual([piece('a')]);
    vi.advanceTimersByTime(33);
    expect(sent).toHaveLength(1);
    feed.add(piece('d'));
    expect(sent[1]).toEqual({ ...piece('bcd'), tokens: 3 });
    feed.add(piece('e'));
    feed.flush();
    expect(sent.map((each) => ('text' in each ? each.text : '')).join('')).toBe('abcde');
    vi.advanceTimersByTime(100);
    expect(sent).toHaveLength(3);
  });

  it('do not wait long for a token that does not come', () => {
    const { sent, feed } = feeding();
    feed.add(piece('a'));
    feed.add(piece('b'));
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([piece('a'), piece('b')]);
  });

  it('never mix a thought with the text', () => {
    const { sent, feed } = feeding();
    feed.add(piece('hm', 'thought'));
    feed.add(piece('m', 'thought'));
    feed.add(piece('yes'));
    feed.flush();
    expect(sent).toEqual([piece('hm', 'thought'), piece('m', 'thought'), piece('yes')]);
  });
});
