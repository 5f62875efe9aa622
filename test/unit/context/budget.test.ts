import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrefillRate } from '../../../src/ask/prefillRate';
import { renderAttachment } from '../../../src/chat/attachmentText';
import type { Attachment } from '../../../src/chat/chatApi';
import { trimToBudget } from '../../../src/context/budget';
import { ContextBudget } from '../../../src/context/contextBudget';
import { fileHeading, piecesOf } from '../../../src/context/pieces';
import { relevanceOf, wordsOf } from '../../../src/context/relevance';
import { inStableOrder } from '../../../src/context/stableOrder';
import { settingDefaults } from '../../../src/contributions';
import { loadedModel } from '../../support/loadedModel';

/** A token for four characters. */
const count = (texts: readonly string[]): Promise<number[]> =>
  Promise.resolve(texts.map(({ length }) => Math.ceil(length / 4)));

const attachment = (text: string, change: Partial<Attachment> = {}): Attachment => ({
  ...{ id: 'a', label: 'a.ts', path: 'src/a.ts', uri: 'file:///a.ts', languageId: 'typescript', text },
  kind: 'file',
  ...change,
});

const body = (name: string): string =>
  `function ${name}(): void {\n${Array.from({ length: 9 }, (_, line) => `  step(${line});`).join('\n')}\n}\n`;
const names = ['openSocket', 'parseHeader', 'retryFailedJob', 'closeSocket', 'formatDate', 'renderPage'];
const file = names.map(body).join('\n');

describe('trimming to a budget', () => {
  const trim = async (attachments: Attachment[], question: string, limit: number): Promise<Attachment[]> =>
    trimToBudget({ attachments, question, limit, count });

  it('keeps what the question is about, and says how many lines are missing where', async () => {
    const [trimmed] = await trim([attachment(file)], 'Why does a failed job run twice on retry?', 85);
    expect(trimmed?.text).toContain('function retryFailedJob');
    expect(trimmed?.text).not.toContain('formatDate');
    expect(trimmed?.text).toMatch(/^\[… lines 1–24 left out\]\nfunction retryFailedJob/);
    expect(trimmed?.wholeTokens).toBe((await count([renderAttachment(attachment(file))]))[0]);
  });

  it('leaves all as it is where it fits, and what has to be whole in any case', async () => {
    const all = [
      attachment(file),
      attachment(file, { id: 'b', kind: 'selection', lines: { start: 1, end: 70 } }),
    ];
    expect(await trim(all, 'why', 10_000)).toEqual(all);
    const [first, second] = await trim(all, 'why', 100);
    expect(first?.text).toBe('[… lines 1–71 left out]\n');
    expect(second).toEqual(all[1]);
  });

  it('keeps the names of the files that pieces of a folder are of', async () => {
    const folder = attachment(
      ['src/net/socket.ts', 'src/queue/jobs.ts', 'src/ui/page.ts']
        .map((path, index) => `${fileHeading(path)}\n${body(names[2 * index + 1] ?? '')}`)
        .join('\n'),
      { kind: 'folder' },
    );
    const [trimmed] = await trim([folder], 'What do jobs of the queue do?', 100);
    expect(trimmed?.text).toContain(`${fileHeading('src/queue/jobs.ts')}\nfunction closeSocket`);
    expect(trimmed?.text).not.toContain('src/ui/page.ts');
  });

  it('prefers the end of what a terminal printed, and the beginning of a file, where the question says nothing', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`).join('\n');
    const [terminal] = await trim([attachment(lines, { kind: 'terminal' })], '?', 150);
    const [plain] = await trim([attachment(lines)], '?', 150);
    expect(terminal?.text).toMatch(/line 199\n$/);
    expect(plain?.text).toMatch(/^line 0\n/);
  });

  it('takes no more than the limit, changes no line, and keeps their order', async () => {
    const line = fc.oneof(
      fc.constantFrom('', '  retry(job);', 'function queue() {', '}'),
      fc.string({ maxLength: 80 }),
    );
    const texts = fc.array(fc.array(line, { maxLength: 150 }), { minLength: 1, maxLength: 3 });
    const kinds = fc.constantFrom('file', 'diff', 'problems', 'terminal', 'folder') as fc.Arbitrary<
      Attachment['kind']
    >;
    await fc.assert(
      fc.asyncProperty(texts, kinds, fc.integer({ min: 120, max: 3000 }), async (all, kind, limit) => {
        const attachments = all.map((lines, index) =>
          attachment(lines.join('\n').replaceAll('\r', ''), { id: String(index), ...(kind && { kind }) }),
        );
        const trimmed = await trim(attachments, 'retry the job of the queue', limit);
        const sizes = await count(trimmed.map(renderAttachment));
        expect(sizes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(limit);
        trimmed.forEach((each, index) => {
          const before = attachments[index]?.text.split('\n') ?? [];
          let at = 0;
          for (const shown of each.text.split('\n')) {
            if (each.wholeTokens !== undefined && /^\[… .* left out\]$|^$/.test(shown)) continue;
            at = before.indexOf(shown, at) + 1;
            expect(at).toBeGreaterThan(0);
          }
        });
      }),
    );
  });
});

describe('pieces', () => {
  it('are all lines, once, and end where a declaration does', () => {
    const pieces = piecesOf({ kind: 'file', text: file });
    expect(pieces.map(({ text }) => text).join('\n')).toBe(file.replace(/\n$/, ''));
    expect(pieces.map(({ text }) => text.split('\n')[0])).toEqual(
      names.map((name) => `function ${name}(): void {`),
    );
  });

  it('of a diff are its hunks, under the header of their file', () => {
    const hunk = (line: number): string => `@@ -${line},2 +${line},2 @@\n-a\n+b`;
    const head = 'diff --git a/x b/x\n--- a/x\n+++ b/x';
    const pieces = piecesOf({ kind: 'diff', text: `${head}\n${hunk(1)}\n${hunk(90)}\n` });
    expect(pieces.map(({ text, heading }) => [heading?.text, text])).toEqual([
      [head, hunk(1)],
      [head, hunk(90)],
    ]);
  });
});

describe('relevance', () => {
  it('knows the words that names are made of, in any alphabet', () => {
    expect(wordsOf('fetchQueue HTTPServer max_retry_count')).toEqual([
      ...['fetchqueue', 'fetch', 'queue', 'httpserver', 'http', 'server'],
      ...['max_retry_count', 'max', 'retry', 'count'],
    ]);
    expect(wordsOf('Почему the очередь')).toEqual(['почему', 'очередь']);
    expect(wordsOf('مجلد الملفات')).toEqual(['مجلد', 'الملفات']);
  });

  it('counts rare words for more than common ones', () => {
    const texts = ['job job job', 'job retry', 'job other', 'nothing'];
    const scores = relevanceOf('retry a job', texts);
    expect(scores.indexOf(Math.max(...scores))).toBe(1);
    expect(scores[3]).toBe(0);
  });
});

describe('the budget of a message', () => {
  const make = (seconds: number, tokensPerSecond: number | undefined, contextSize = 8000): ContextBudget => {
    const model = loadedModel({ contextSize });
    const rate = new PrefillRate();
    if (tokensPerSecond !== undefined) rate.observe(model.path, 1000, 1000 / tokensPerSecond);
    return new ContextBudget({
      engine: {
        snapshot: { state: { kind: 'ready' }, model, info: undefined, runtime: undefined },
        countTokens: count,
      },
      rate,
      read: (key) => (key === 'context.budgetSeconds' ? seconds : settingDefaults[key]) as never,
    });
  };

  it('is what is read in its seconds, and what the context has room for', () => {
    expect(make(10, 50).limit).toBe(500);
    expect(make(10, 10_000).limit).toBe(8000 - 2000 - 64);
    expect(make(0, 50).limit).toBe(8000 - 2000 - 64);
    expect(make(10, undefined).limit).toBe(8000 - 2000 - 64);
  });

  it('rests on what a plan expects before the first prompt was read', async () => {
    const model = loadedModel({ contextSize: 8000 });
    const budget = new ContextBudget({
      engine: {
        snapshot: { state: { kind: 'ready' }, model, info: undefined, runtime: undefined },
        countTokens: count,
      },
      rate: new PrefillRate(() => Promise.resolve(50)),
      read: (key) => (key === 'context.budgetSeconds' ? 10 : settingDefaults[key]) as never,
    });
    const [trimmed] = await budget.fit([attachment(file.repeat(20))], 'why', []);
    expect((await count([renderAttachment(trimmed ?? attachment(''))]))[0]).toBeLessThanOrEqual(500);
    expect(await budget.settledLimit()).toBe(500);
  });

  it('leaves room for what else is in the prompt', async () => {
    const long = [attachment(file.repeat(20))];
    expect(await make(0, 50, 100_000).fit(long, 'why', [])).toBe(long);
    const [trimmed] = await make(0, 50).fit(long, 'why', ['x'.repeat(4 * 4000)]);
    expect((await count([renderAttachment(trimmed ?? attachment(''))]))[0]).toBeLessThanOrEqual(
      8000 - 2000 - 64 - 4000,
    );
  });
});

it('puts what changes least first, and keeps the order of equals', () => {
  const of = (id: string, kind: Attachment['kind']): Attachment =>
    attachment('', { id, ...(kind && { kind }) });
  const mixed = [
    of('1', 'terminal'),
    of('2', 'file'),
    of('3', 'selection'),
    of('4', 'file'),
    of('5', 'folder'),
  ];
  expect(inStableOrder(mixed).map(({ id }) => id)).toEqual(['5', '2', '4', '3', '1']);
});
