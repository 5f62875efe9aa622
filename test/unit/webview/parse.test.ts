import { describe, expect, it } from 'vitest';
import type { ChatSnapshot } from '../../../src/protocol/webview';
import { parseChatEvent } from '../../../webview/chat/parse';

const snapshot: ChatSnapshot = {
  kind: 'snapshot',
  engine: {
    state: { kind: 'loading', modelPath: '/m', progress: 0.5 },
    model: undefined,
    configuredModel: 'm',
    failure: undefined,
  },
  conversation: {
    id: 'c',
    title: 'T',
    updated: 5,
    messages: [
      {
        role: 'user',
        id: 'u',
        text: 'Hi',
        attachments: [{ id: 'a', label: 'x.ts', path: 'src/x.ts', tokens: 3, seconds: undefined }],
        memoryBegins: { droppedTurns: 2, rereadTokens: 10, rereadSeconds: null },
      },
      {
        role: 'assistant',
        id: 'b',
        text: 'Yes',
        thought: 'Hm',
        thoughtSeconds: 1,
        status: { kind: 'reading', done: 1, total: 2, reused: 0, tokensPerSecond: 3, secondsLeft: null },
        stats: { tokens: 1, tokensPerSecond: null, firstTokenSeconds: 2, promptTokens: 3, reusedTokens: 1 },
      },
    ],
  },
  conversations: [{ id: 'c', title: 'T', updated: 5 }],
  attachments: [
    { id: 'd', label: 'y.ts', path: 'y.ts', tokens: 3, seconds: 1, estimated: true, wholeTokens: 9 },
  ],
  budget: { tokens: 30, seconds: 3, limitTokens: 10, limitSeconds: 1, whole: false },
  queue: [{ id: 'q', text: 'Next' }],
  context: { usedTokens: 1, totalTokens: 8, agentsTokens: 0 },
  notices: [{ id: 'n', text: 'Note' }],
};

describe('parseChatEvent', () => {
  it('passes a whole snapshot on unchanged', () => {
    expect(parseChatEvent(structuredClone(snapshot))).toEqual(snapshot);
  });

  it('reads what there is to begin with, and leaves out what is broken', () => {
    const offer = { id: '/m.gguf', name: 'M', plan: 'fits' };
    const event = { kind: 'offers', offers: { here: [offer, { id: 5 }, null], suggested: 'none' } };
    expect(parseChatEvent(event)).toEqual({ kind: 'offers', offers: { here: [offer], suggested: [] } });
  });

  it.each([
    undefined,
    null,
    5,
    'text',
    [],
    {},
    { kind: 'other' },
    { kind: 'stream' },
    { kind: 'stream', answerId: 'a', status: {} },
  ])('drops %j', (data) => {
    expect(parseChatEvent(data)).toBeUndefined();
  });

  it('makes an empty page of an empty snapshot', () => {
    expect(parseChatEvent({ kind: 'snapshot' })).toEqual({
      kind: 'snapshot',
      engine: {
        state: { kind: 'stopped' },
        model: undefined,
        configuredModel: undefined,
        failure: undefined,
      },
      conversation: { id: '', title: '', updated: 0, messages: [] },
      conversations: [],
      attachments: [],
      queue: [],
      context: undefined,
      notices: [],
    });
  });

  it('leaves broken entries of lists out and keeps the rest', () => {
    const event = parseChatEvent({
      ...snapshot,
      conversation: {
        id: 'c',
        messages: [null, { role: 'user' }, { role: 'system', id: 's' }, { role: 'user', id: 'u', text: 7 }],
      },
      queue: 'none',
      conversations: [{ title: 'without id' }, { id: 'd' }],
    });
    expect(event).toMatchObject({
      conversation: { messages: [{ role: 'user', id: 'u', text: '', attachments: [] }] },
      queue: [],
      conversations: [{ id: 'd', title: '', updated: 0 }],
    });
  });

  it('shows an answer of an unknown state as a finished one', () => {
    const event = parseChatEvent({
      kind: 'snapshot',
      conversation: {
        id: 'c',
        messages: [{ role: 'assistant', id: 'a', text: 'Kept', status: { kind: 'dreaming' } }],
      },
    });
    expect(event).toMatchObject({
      conversation: { messages: [{ text: 'Kept', status: { kind: 'done', stopReason: 'end' } }] },
    });
  });

  it.each([{ kind: 'waiting' }, { kind: 'waiting', ahead: 2 }, { kind: 'paused' }])(
    'knows the status %j',
    (status) => {
      const event = parseChatEvent({ kind: 'stream', answerId: 'a', status });
      expect(event).toMatchObject({ kind: 'stream', status });
    },
  );

  it('reads why an engine ended, and that it is not heard', () => {
    const idleEnd = { minutes: 30, seconds: 12.4 };
    expect(parseChatEvent({ kind: 'engine', engine: { unresponsive: true, idleEnd } })).toMatchObject({
      engine: { unresponsive: true, idleEnd },
    });
    expect(parseChatEvent({ kind: 'engine', engine: { idleEnd: { minutes: 30 } } })).toMatchObject({
      engine: { unresponsive: undefined, idleEnd: undefined },
    });
  });

  it('reads no number that is none', () => {
    const event = parseChatEvent({ kind: 'snapshot', context: { usedTokens: 'x', totalTokens: Number.NaN } });
    expect(event).toMatchObject({ context: undefined });
  });
});
