import { describe, expect, it } from 'vitest';
import type { AnswerView, ConversationView } from '../../../src/protocol/webview';
import { applyStream, type StreamEvent } from '../../../webview/chat/stream';

const answer = (text: string): AnswerView => ({
  role: 'assistant',
  id: 'a',
  text,
  thought: '',
  thoughtSeconds: null,
  status: { kind: 'waiting' },
  stats: undefined,
});
const conversation = (text: string): ConversationView => ({
  id: 'c',
  title: '',
  updated: 0,
  messages: [{ role: 'user', id: 'u', text: 'Hi', attachments: [] }, answer(text)],
});
const piece = (textOffset: number, text: string, more: Partial<StreamEvent> = {}): StreamEvent => ({
  kind: 'stream',
  answerId: 'a',
  textOffset,
  text,
  thoughtOffset: 0,
  thought: '',
  status: { kind: 'streaming', tokensPerSecond: 2 },
  ...more,
});

describe('applyStream', () => {
  it('appends text and thought and takes the state', () => {
    const current = conversation('He');
    applyStream(current, piece(2, 'llo', { thought: 'hm' }));
    expect(applyStream(current, piece(5, '.', { thoughtOffset: 2, thought: '!' }))).toMatchObject({
      text: 'Hello.',
      thought: 'hm!',
      status: { kind: 'streaming', tokensPerSecond: 2 },
    });
  });

  it('does not repeat what a snapshot has brought already', () => {
    expect(applyStream(conversation('Hello'), piece(2, 'llo'))?.text).toBe('Hello');
  });

  it('reports a gap and changes nothing', () => {
    const current = conversation('He');
    expect(applyStream(current, piece(4, 'o'))).toBeUndefined();
    expect(applyStream(current, piece(2, '', { thoughtOffset: 1 }))).toBeUndefined();
    expect(current).toEqual(conversation('He'));
  });

  it('reports an answer that it does not know, and a user message by that id', () => {
    expect(applyStream(conversation(''), piece(0, 'x', { answerId: 'other' }))).toBeUndefined();
    expect(applyStream(conversation(''), piece(0, 'x', { answerId: 'u' }))).toBeUndefined();
  });
});
