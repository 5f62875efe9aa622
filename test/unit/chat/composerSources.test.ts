import { describe, expect, it, vi } from 'vitest';
import { PrefillRate } from '../../../src/ask/prefillRate';
import type { Attachment } from '../../../src/chat/chatApi';
import type { ComposerSource, ResolvedText } from '../../../src/chat/composerSources';
import type { UserMessageView } from '../../../src/protocol/webview';
import { ended, exchange, start } from './chatSessionFixture';
import type { Harness } from './fakes';

const chip = (name: string, change: Partial<Attachment> = {}): Attachment => ({
  ...{
    id: name,
    label: name,
    path: name,
    uri: `file:///${name}`,
    languageId: 'ts',
    text: name,
    kind: 'file',
  },
  ...change,
});

/** A source whose names are in a table: what one names, or why it cannot be had. */
function sourceOf(trigger: '@' | '/', table: Record<string, Partial<ResolvedText>>): ComposerSource {
  return {
    trigger,
    offers: (typed) =>
      Promise.resolve(
        Object.keys(table)
          .filter((name) => name.startsWith(typed))
          .map((insert) => ({ insert, label: insert, detail: '', kind: 'file' as const })),
      ),
    resolve: (text) => {
      const found = Object.entries(table).filter(([name]) => text.includes(name));
      return Promise.resolve({
        text: found.reduce(
          (rest, [name, { text: other = name.slice(1) }]) => rest.replace(name, other),
          text,
        ),
        attachments: found.flatMap(([, { attachments = [] }]) => attachments),
        problems: found.flatMap(([, { problems = [] }]) => problems),
      });
    },
  };
}

const asked = (harness: Harness): UserMessageView | undefined =>
  harness.session.snapshot().conversation.messages.find((message) => message.role === 'user');
const chips = (harness: Harness): string[] =>
  harness.session.snapshot().attachments.map(({ label }) => label);

describe('names in a message', () => {
  it('are offered by the sources of what was typed', async () => {
    const { session } = start();
    const added = session.addSource(sourceOf('@', { '@one': {}, '@other': {} }));
    session.addSource(sourceOf('/', { '/one': {} }));
    const offers = async (typed: string) =>
      (await session.complete(typed, new AbortController().signal)).map(({ insert }) => insert);
    expect(await offers('@o')).toEqual(['@one', '@other']);
    expect(await offers('/')).toEqual(['/one']);
    added.dispose();
    expect(await offers('@o')).toEqual([]);
  });

  it('are what goes along, those in the expansion of a prompt too', async () => {
    const harness = start();
    harness.session.addSource(sourceOf('@', { '@a': { attachments: [chip('a.ts')] } }));
    harness.session.addSource(sourceOf('/', { '/explain': { text: 'Explain @a in short' } }));
    await harness.session.send('/explain');
    const { request } = await harness.call(0);
    expect(request.messages.at(-1)?.content).toBe('a.ts:\n```ts\na.ts\n```\n\nExplain a in short');
    expect(asked(harness)).toMatchObject({ text: 'Explain a in short', attachments: [{ label: 'a.ts' }] });
  });

  it('that cannot be had bring the message back, with the reason and what can be had', async () => {
    const harness = start();
    harness.session.addSource(
      sourceOf('@', { '@a': { attachments: [chip('a.ts')] }, '@b': { problems: ['b is not there.'] } }),
    );
    expect(await harness.session.send('Compare @a with @b')).toBe(false);
    expect(harness.engine.calls).toEqual([]);
    expect(harness.events).toContainEqual({ kind: 'focusInput', text: 'Compare a with b' });
    expect(harness.session.snapshot().notices).toMatchObject([{ text: 'b is not there.' }]);
    expect(chips(harness)).toEqual(['a.ts']);
    expect(await harness.session.send('Compare a with b')).toBe(true);
    await harness.call(0);
    expect(asked(harness)?.attachments).toMatchObject([{ label: 'a.ts' }]);
    expect(chips(harness)).toEqual([]);
  });

  it('go along with a message that is edited too, in their order', async () => {
    const harness = start();
    harness.session.addSource(
      sourceOf('@', {
        '@src': { attachments: [chip('src/', { kind: 'folder' })] },
        '@b': { problems: ['No b.'] },
      }),
    );
    harness.session.attach(chip('a.ts'));
    await exchange(harness, 'one', '1');
    const { id } = asked(harness) ?? { id: '' };
    await harness.session.editAndResend(id, 'with @b');
    expect(harness.session.snapshot().notices).toMatchObject([{ text: 'No b.' }]);
    expect(harness.users()).toEqual(['one']);
    expect(harness.events).toContainEqual({ kind: 'focusInput', text: 'with @b' });
    await harness.session.editAndResend(id, 'one in @src');
    await harness.call(1);
    expect(asked(harness)).toMatchObject({
      text: 'one in src',
      attachments: [{ label: 'src/' }, { label: 'a.ts' }],
    });
  });

  it('that were chosen just before a message is sent go along with it', async () => {
    const harness = start();
    const source = sourceOf('@', { '@a': { attachments: [chip('a.ts')] } });
    let release: (() => void) | undefined;
    harness.session.addSource({
      ...source,
      resolve: async (text) => {
        if (text.includes('@a')) await new Promise<void>((resolve) => (release = resolve));
        return source.resolve(text);
      },
    });
    await harness.session.start();
    const chosen = harness.session.mention('@a');
    const sent = harness.session.send('why');
    // All that does not wait for the source has run by then.
    await new Promise((resolve) => setImmediate(resolve));
    expect(release).toBeDefined();
    release?.();
    await Promise.all([chosen, sent]);
    await harness.call(0);
    expect(asked(harness)?.attachments).toMatchObject([{ label: 'a.ts' }]);
  });

  it('leave messages in their order, however long they take', async () => {
    const harness = start();
    let release: (() => void) | undefined;
    const source = sourceOf('@', { '@slow': {} });
    harness.session.addSource({
      ...source,
      resolve: async (text) => {
        if (text.includes('@slow')) await new Promise<void>((resolve) => (release = resolve));
        return source.resolve(text);
      },
    });
    const first = harness.session.send('@slow one');
    const second = harness.session.send('two');
    await vi.waitFor(() => expect(release).toBeDefined());
    release?.();
    await Promise.all([first, second]);
    expect((await harness.call(0)).request.messages.at(-1)?.content).toBe('slow one');
  });

  it('become chips in the order of prompts; the same lines twice are one', async () => {
    const harness = start();
    const lines = { start: 1, end: 2 };
    for (const each of [
      chip('terminal', { kind: 'terminal' }),
      chip('b.ts'),
      chip('a.ts:1–2', { kind: 'selection', uri: 'file:///a.ts', lines }),
      chip('a.ts'),
      chip('b.ts', { id: 'again', text: 'changed' }),
      chip('src/', { kind: 'folder' }),
    ]) {
      harness.session.attach(each);
    }
    expect(chips(harness)).toEqual(['src/', 'b.ts', 'a.ts', 'a.ts:1–2', 'terminal']);
    await harness.session.send('why');
    const content = (await harness.call(0)).request.messages.at(-1)?.content ?? '';
    expect(content).toContain('changed');
    expect(content.indexOf('a.ts:')).toBeLessThan(content.indexOf('terminal:'));
  });
});

describe('more than the budget', () => {
  const long = chip('long.ts', {
    text: Array.from(
      { length: 60 },
      (_, index) => `function part${index}() {\n${'  work();\n'.repeat(8)}}\n`,
    ).join('\n'),
  });
  const budget = { 'context.budgetSeconds': 10 };

  /** A token is a character here; the model reads 100 of them a second. */
  const measured = async (): Promise<Harness> => {
    const harness = start();
    Object.assign(harness.settings, budget);
    await harness.session.send('one');
    const call = await harness.call(0);
    call.prefill(100, 100, 100);
    call.end({ text: '1' });
    await ended(harness, 0);
    return harness;
  };

  it('is said before it is sent, and cut to what the question is about, for good', async () => {
    const harness = await measured();
    harness.session.attach(long);
    await vi.waitFor(() =>
      expect(harness.session.snapshot().budget).toEqual({
        ...{ tokens: long.text.length + 18, seconds: (long.text.length + 18) / 100 },
        ...{ limitTokens: 1000, limitSeconds: 10, whole: false },
      }),
    );
    await harness.session.send('What does part42 do?');
    const call = await harness.call(1);
    const content = call.request.messages.at(-1)?.content ?? '';
    expect(content).toContain('function part42()');
    expect(content).toContain('left out]');
    expect(content.length).toBeLessThan(1100);
    call.end({ text: '2' });
    await ended(harness, 1);
    await exchange(harness, 'and now?', '3');
    expect(harness.engine.calls[2]?.request.messages.at(3)?.content).toBe(content);
    const view = harness.session.snapshot().conversation.messages[2] as UserMessageView;
    expect(view.attachments[0]?.wholeTokens).toBe(long.text.length + 18);
    expect(view.attachments[0]?.tokens).toBeLessThan(1000);
  });

  it('is sent whole when a person says so, for that message alone', async () => {
    const harness = await measured();
    harness.session.attach(long);
    harness.session.sendWhole(true);
    await vi.waitFor(() => expect(harness.session.snapshot().budget?.whole).toBe(true));
    await harness.session.send('What does part42 do?');
    expect((await harness.call(1)).request.messages.at(-1)?.content).toContain(long.text);
    harness.session.attach({ ...long, id: 'again' });
    await vi.waitFor(() => expect(harness.session.snapshot().budget?.whole).toBe(false));
  });
});

describe('the size of a chip', () => {
  it('is estimated by its length and by the plan while no model is loaded, and counted once one is', async () => {
    const harness = start({ rate: new PrefillRate(() => Promise.resolve(50)) });
    const { model } = harness.engine;
    harness.engine.change({ model: undefined });
    const one = chip('one.ts', { text: 'x'.repeat(82) });
    harness.session.attach(one);
    expect(harness.session.snapshot().attachments[0]).toMatchObject({ tokens: 29, estimated: true });
    harness.engine.change({ model });
    await vi.waitFor(() =>
      expect(harness.session.snapshot().attachments[0]).toEqual({
        ...{ id: 'one.ts', label: 'one.ts', path: 'one.ts', tokens: 100, seconds: 2 },
      }),
    );
  });
});
