import { describe, expect, it } from 'vitest';
import { makeAttachment } from '../../../src/chat/attachments';
import { append, newConversation, rename } from '../../../src/chat/conversation';
import { languageIdOf } from '../../../src/chat/languageIds';
import { parseLink } from '../../../src/chat/links';
import { parseChatCommand } from '../../../src/chat/parseChatCommand';
import { PrefillRate } from '../../../src/ask/prefillRate';

describe('parseChatCommand', () => {
  it.each([
    { kind: 'ready' },
    { kind: 'send', text: '' },
    { kind: 'editAndResend', messageId: '1', text: 'x' },
    { kind: 'code', action: 'newFile', code: 'a', language: '' },
    { kind: 'renameConversation', id: '1', title: 'T' },
  ])('takes $kind', (command) => {
    expect(parseChatCommand(command)).toEqual({ ok: true, command });
  });

  it.each([
    undefined,
    null,
    'ready',
    [],
    {},
    { kind: 'format' },
    { kind: 'send' },
    { kind: 'send', text: 4 },
    { kind: 'retry', id: '1' },
    { kind: 'code', action: 'run', code: '', language: '' },
  ])('refuses %j', (data) => {
    expect(parseChatCommand(data).ok).toBe(false);
  });

  it('names the place of what is wrong, not the content', () => {
    const parsed = parseChatCommand({ kind: 'code', action: 'copy', code: 7, language: 'secret' });
    expect(parsed).toEqual({ ok: false, problem: 'code: expected string' });
  });
});

describe('parseLink', () => {
  it.each([
    ['https://example.org/a', { kind: 'external', href: 'https://example.org/a' }],
    ['mailto:a@example.org', { kind: 'external', href: 'mailto:a@example.org' }],
    ['src/a%20b.ts#L12', { kind: 'file', path: 'src/a b.ts', line: 12 }],
    ['queue.ts:7', { kind: 'file', path: 'queue.ts', line: 7 }],
    ['file:///ws/a.ts', { kind: 'file', path: '/ws/a.ts', line: undefined }],
    ['command:workbench.action.quit', undefined],
    ['javascript:alert(1)', undefined],
    ['vscode://x/y', undefined],
    ['data:text/html,x', undefined],
    ['', undefined],
  ])('%s', (href, link) => {
    expect(parseLink(href)).toEqual(link);
  });
});

describe('makeAttachment', () => {
  const source = {
    ...{ id: '1', path: 'src/q.ts', uri: 'file:///src/q.ts', languageId: 'typescript' },
    text: 'one\r\ntwo\r\nthree\r\n',
  };
  it('takes the lines that a selection touches', () => {
    const selection = { start: { line: 0, character: 2 }, end: { line: 2, character: 0 } };
    expect(makeAttachment({ ...source, selection })).toMatchObject({
      ...{ label: 'q.ts:1–2', text: 'one\ntwo', lines: { start: 1, end: 2 } },
    });
  });
  it('takes the whole file where nothing is selected', () => {
    const at = { line: 1, character: 1 };
    const whole = makeAttachment({ ...source, selection: { start: at, end: at } });
    expect(whole).toMatchObject({ label: 'q.ts', text: source.text });
    expect(whole).not.toHaveProperty('lines');
  });
});

describe('a title', () => {
  const titled = (text: string) =>
    append(newConversation('1', 'New', 0), [{ role: 'user', id: 'u', text, attachments: [] }], 1);
  it('is the first line that says something, cut at a word', () => {
    expect(titled('\n  Fix\tthis  \nplease').title).toBe('Fix this');
    const { title } = titled('word '.repeat(30));
    expect(title).toMatch(/^(word ){10,11}word…$/);
    expect(titled('👨‍👩‍👧'.repeat(70)).title).toBe(`${'👨‍👩‍👧'.repeat(59)}…`);
  });
  it('stays the person’s own', () => {
    const named = rename(newConversation('1', 'New', 0), 'Mine');
    const message = { role: 'user' as const, id: 'u', text: 'Other', attachments: [] };
    expect(append(named, [message], 1).title).toBe('Mine');
    expect(rename(named, '  ').title).toBe('Mine');
  });
});

describe('PrefillRate', () => {
  it('tells seconds by model, from reads that were long enough to say something', () => {
    const rate = new PrefillRate();
    expect(rate.seconds('a', 100)).toBeUndefined();
    rate.observe('a', 4, 1);
    expect(rate.seconds('a', 100)).toBe(25);
    rate.observe('a', 200, 1);
    rate.observe('a', 4, 1);
    expect(rate.seconds('a', 100)).toBe(0.5);
    expect(rate.seconds('b', 100)).toBeUndefined();
  });
  it('does not call measured what is only expected, and asks a plan once', async () => {
    let plans = 0;
    const rate = new PrefillRate(() => Promise.resolve(++plans * 50));
    expect(await Promise.all([rate.expect('a'), rate.expect('a')])).toEqual([true, true]);
    expect(await rate.expect('a')).toBe(false);
    expect(plans).toBe(1);
    expect(rate.seconds('a', 100)).toBe(2);
    expect(rate.measuredSeconds('a', 100)).toBeUndefined();
    rate.observe('a', 100, 1);
    await rate.expect('a');
    expect(rate.measuredSeconds('a', 100)).toBe(1);
  });
});

it('names languages as the editor does', () => {
  const known = ['typescript', 'shellscript', 'plaintext'];
  expect(['ts', 'TypeScript', 'sh', 'brainfog', ''].map((name) => languageIdOf(name, known))).toEqual([
    ...['typescript', 'typescript', 'shellscript', 'plaintext', 'plaintext'],
  ]);
});
