import { describe, expect, it } from 'vitest';
import { parseFetchLine, type FetchMessage } from '../../../src/protocol/fetch';
import { parseFetchArguments } from '../../../src/fetch/fetchArguments';
import { ProgressMeter } from '../../../src/fetch/progressMeter';

describe('parseFetchLine', () => {
  it.each<FetchMessage>([
    { kind: 'trying', source: 'pythonPackage', why: '' },
    { kind: 'progress', source: 'hub', done: 1, total: 0, bytesPerSecond: 5.5 },
    { kind: 'verifying', done: 1, total: 2 },
    { kind: 'answer', value: [{ name: 'a/b' }] },
    { kind: 'done', path: '/a b/c' },
    { kind: 'failed', reason: 'noSpace', detail: 'line\nline' },
  ])('reads what the process writes: %j', (message) => {
    expect(parseFetchLine(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    '',
    'Downloading…',
    'null',
    '[]',
    '{"kind":"other"}',
    '{"kind":"trying","source":"elsewhere","why":""}',
    '{"kind":"progress","source":"hub","done":-1,"total":0,"bytesPerSecond":0}',
    '{"kind":"progress","source":"hub","done":1,"total":"2","bytesPerSecond":0}',
    '{"kind":"failed","reason":"toString","detail":""}',
    '{"kind":"verifying","done":1}',
    '{"kind":"answer"}',
    '{"kind":"done"}',
  ])('passes over %j', (line) => {
    expect(parseFetchLine(line)).toBeUndefined();
  });
});

describe('parseFetchArguments', () => {
  const integrity = `sha512-${'A'.repeat(86)}==`;

  it('reads both commands', () => {
    expect(
      parseFetchArguments(['starter', '--to', '/m', '--endpoint', 'https://mirror', '--stop-with-input']),
    ).toEqual({
      kind: 'starter',
      folder: '/m',
      endpoint: 'https://mirror',
      stopWithInput: true,
    });
    expect(
      parseFetchArguments([
        'node',
        '--package',
        '@scope/node-x@24.1.0',
        '--integrity',
        integrity,
        '--to',
        '/n',
      ]),
    ).toEqual({
      kind: 'node',
      folder: '/n',
      packageName: '@scope/node-x',
      version: '24.1.0',
      integrity,
      stopWithInput: false,
    });
  });

  it('reads questions to a hub', () => {
    const request = { endpoint: 'https://hub', text: 'a b', limit: 5 };
    expect(parseFetchArguments(['search', '--request', JSON.stringify(request)])).toEqual({
      ...{ kind: 'search', request, stopWithInput: false },
    });
  });

  it.each(['/etc/a.gguf', '../a.gguf', 'a/../b.gguf', '.a.gguf', 'C:a.gguf', 'a\\b.gguf', 'a.txt'])(
    'takes no file "%s"',
    (path) => {
      const request = { endpoint: 'https://hub', repository: 'a/b', revision: 'c', paths: [path] };
      expect(() => parseFetchArguments(['header', '--request', JSON.stringify(request)])).toThrow(
        /--request is none/,
      );
    },
  );

  it.each([
    [[], /"" is no command/],
    [['search'], /--request is none/],
    [['search', '--request', '{'], /--request is none/],
    [['repository', '--request', '{"endpoint":"file:///x","repository":"a/b"}'], /--request is none/],
    [['other', '--to', 'x'], /"other" is no command/],
    [['starter'], /--to is missing/],
    [['starter', '--to'], /"--to"/],
    [['starter', '--to', 'x', '--endpoint', 'file:///etc'], /no web address/],
    [['node', '--to', 'x', '--package', 'node@latest', '--integrity', integrity], /no NAME@VERSION/],
    [['node', '--to', 'x', '--package', '../node@1.2.3', '--integrity', integrity], /no NAME@VERSION/],
    [['node', '--to', 'x', '--package', 'node@1.2.3', '--integrity', 'sha1-abc'], /no SHA-512/],
  ])('refuses %j', (argv, message) => {
    expect(() => parseFetchArguments(argv)).toThrow(message);
  });
});

describe('ProgressMeter', () => {
  it('reports now and then, with the rate of the last seconds, and always the end', () => {
    let now = 0;
    const messages: FetchMessage[] = [];
    const meter = new ProgressMeter(
      'hub',
      (message) => messages.push(message),
      () => now,
    );
    for (; now < 10_000; now += 50)
      meter.update(now < 5000 ? now * 10 : 50_000 + (now - 5000) * 100, 1_000_000);
    expect(messages.length).toBeLessThanOrEqual(40);
    expect(messages.at(-1)).toMatchObject({ bytesPerSecond: 100_000 });
    meter.update(1_000_000, 1_000_000);
    expect(messages.at(-1)).toMatchObject({ done: 1_000_000, total: 1_000_000 });
  });
});
