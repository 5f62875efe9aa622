import { describe, expect, it } from 'vitest';
import {
  messageText,
  requestMessages,
  requestTools,
  type RequestMessage,
} from '../../../src/nativeChat/requestMessages';

const text = (value: string) => ({ value });
const call = (callId: string, input: object = {}) => ({ callId, name: 'look', input });
const result = (callId: string, ...content: unknown[]) => ({ callId, content });
const user = (...content: unknown[]): RequestMessage => ({ role: 1, content });
const assistant = (...content: unknown[]): RequestMessage => ({ role: 2, content });
const system = (...content: unknown[]): RequestMessage => ({ role: 3, content });

describe('a request of another extension', () => {
  it('becomes a history in which the roles alternate', () => {
    expect(
      requestMessages([
        system(text('Be brief.')),
        system(text('Be kind.')),
        user(text('Hello'), text(' there')),
        user(text('again')),
        assistant(text('Hi.')),
        user(text('Bye')),
      ]),
    ).toEqual([
      { role: 'system', content: 'Be brief.\n\nBe kind.' },
      { role: 'user', content: 'Hello there\n\nagain' },
      { role: 'assistant', content: 'Hi.' },
      { role: 'user', content: 'Bye' },
    ]);
  });

  it('has what comes late of the system as words of the user, since templates refuse it there', () => {
    expect(requestMessages([user(text('Hello')), system(text('Be brief.'))])).toEqual([
      { role: 'user', content: 'Hello\n\nBe brief.' },
    ]);
  });

  it('has results where their calls are, and steps of a turn one after the other', () => {
    const path = { path: 'a.ts' };
    expect(
      requestMessages([
        user(text('Look at it.')),
        assistant(text('I look.'), call('1', path), call('2')),
        user(result('1', text('one'), text(' more')), result('2', text('two'))),
        assistant(call('3')),
        user(result('3', text('three')), text('Go on.')),
      ]),
    ).toEqual([
      { role: 'user', content: 'Look at it.' },
      {
        role: 'assistant',
        content: 'I look.',
        toolCalls: [
          { name: 'look', input: path, result: 'one more' },
          { name: 'look', input: {}, result: 'two' },
        ],
      },
      { role: 'assistant', content: '', toolCalls: [{ name: 'look', input: {}, result: 'three' }] },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  it('says of a call without a result that it was not run', () => {
    const [, answer] = requestMessages([user(text('Look.')), assistant(call('1')), user(text('No.'))]);
    expect(answer?.toolCalls).toEqual([{ name: 'look', input: {}, result: 'It was not run.' }]);
  });

  it('keeps a result whose call it does not have', () => {
    expect(requestMessages([user(result('9', text('alone')))])).toEqual([{ role: 'user', content: 'alone' }]);
  });

  it('takes data that is text, elements of prompts as they are, and nothing else', () => {
    const data = (mimeType: string, value: string) => ({ mimeType, data: new TextEncoder().encode(value) });
    const parts = [
      ...[data('text/plain', 'read'), data('application/json', '{}'), data('image/png', 'seen')],
      ...[data('cache_control', 'ephemeral'), { value: { node: 1 } }, { value: undefined }, 'bare', 7, null],
    ];
    expect(requestMessages([user(...parts)])).toEqual([{ role: 'user', content: 'read{}{"node":1}bare' }]);
  });

  it('is counted with its calls and results', () => {
    expect(messageText(assistant(text('I look.'), call('1', { a: 1 })))).toBe('I look.\nlook {"a":1}');
    expect(messageText(user(result('1', text('one'))))).toBe('one');
  });

  it('has its tools with the schemas as they are', () => {
    const schema = { type: 'object', properties: { a: { anyOf: [{ type: 'string' }] } } };
    expect(
      requestTools([
        { name: 'look', description: 'Looks.', inputSchema: schema },
        { name: 'wait', description: '', inputSchema: undefined },
      ]),
    ).toEqual([
      { name: 'look', description: 'Looks.', schema },
      { name: 'wait', description: '' },
    ]);
  });
});
