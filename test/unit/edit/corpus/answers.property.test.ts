import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerEdits, settledEdits } from '../../../../src/edit/answerEdits';
import { languageIdOfName, sourceNames, sourceText } from './readCorpus';
import { readCorpus } from './readCorpus';
import { changeOf, renderAnswer, subsetsOf, type Spot } from './randomAnswers';

const names = sourceNames();
const corpus = readCorpus();

const aSource = fc.record({
  name: fc.constantFrom(...names),
  carriage: fc.boolean(),
  finalLineEnd: fc.boolean(),
});
type Source = typeof aSource extends fc.Arbitrary<infer T> ? T : never;

function textOf({ name, carriage, finalLineEnd }: Source): string {
  const text = finalLineEnd ? sourceText(name) : sourceText(name).replace(/\n$/, '');
  return carriage ? text.replaceAll('\n', '\r\n') : text;
}

const aSpot: fc.Arbitrary<Spot> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  count: fc.integer({ min: 0, max: 3 }),
  added: fc.integer({ min: 0, max: 3 }),
  context: fc.integer({ min: 0, max: 3 }),
});

const aManner = fc.record({
  form: fc.constantFrom('searchReplace' as const, 'diff' as const, 'whole' as const),
  toMargin: fc.boolean(),
  trailing: fc.boolean(),
  spacesForTabs: fc.boolean(),
  dropBlanks: fc.boolean(),
  unclosed: fc.boolean(),
  carriage: fc.boolean(),
  seed: fc.integer(),
});

function shown(source: Source, text: string) {
  const path = `src/${source.name}`;
  return [{ uri: `file:///${path}`, path, languageId: languageIdOfName(source.name), text }];
}

/** What holds of any answer, good or hostile. */
function expectUntouched(before: string, after: string, answer: string): void {
  const own = before.split(/(?<=\n)/);
  const said = new Set(answer.split(/\r?\n/).map((line) => line.replaceAll(/\s+/g, '')));
  // Some forms put a sign or a number before each line, or a fence behind it.
  for (const line of [...said]) said.add(line.slice(1)).add(line.replace(/^\d+:|```$/, ''));
  const isSaid = (line: string) => said.has(line.replaceAll(/\s+/g, ''));
  let at = 0;
  for (const line of after.split(/(?<=\n)/)) {
    const found = own.findIndex((each, index) => index >= at && (each === line || each.trimEnd() === line));
    if (found >= 0 && !isSaid(line)) at = found + 1;
    else
      expect(
        isSaid(line) || found >= 0,
        `${JSON.stringify(line)} is neither the file's nor the answer's`,
      ).toBe(true);
  }
  if (before.includes('\n')) {
    expect(after.replaceAll('\r\n', '').includes('\n')).toBe(before.replaceAll('\r\n', '').includes('\n'));
    // Where the last line goes, blank ones before it may end the file.
    const endsBlank = /\n[ \t]*\r?\n$/.test(after) && !before.endsWith('\n');
    if (after !== '' && !endsBlank) expect(after.endsWith('\n')).toBe(before.endsWith('\n'));
  }
  if (!/^ {2}/m.test(before)) expect(/^ {2}/m.test(after)).toBe(false);
}

describe('answers that are generated', () => {
  it('change exactly what they say, each edit, or it is refused; however sloppily they are written', () => {
    let whole = 0;
    let runs = 0;
    fc.assert(
      fc.property(
        aSource,
        fc.array(aSpot, { minLength: 1, maxLength: 3 }),
        aManner,
        (source, spots, manner) => {
          const before = textOf(source);
          const change = changeOf(before, spots);
          const answer = renderAnswer(before, change, manner);
          const { changes } = answerEdits(answer, shown(source, before));
          const after = changes[0]?.proposed ?? before;
          const possible = subsetsOf(before, change);
          // Blank lines around a block, or lost in it, are none of what it says.
          const compared = (text: string) =>
            manner.form === 'whole' ? text.replaceAll(/\n\s*(?=\r?\n)|^\s+/g, '') : text;
          expect(possible.map(compared)).toContain(compared(after));
          expectUntouched(before, after, answer);
          runs++;
          if (compared(after) === compared(possible.at(-1) ?? '')) whole++;
        },
      ),
      { numRuns: 500, seed: 7 },
    );
    // A property that all is refused would hold as well.
    expect(whole / runs).toBeGreaterThan(0.5);
  }, 60_000);

  it('never change what they do not name, whatever becomes of them', () => {
    const mangled = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        what: fc.constantFrom(
          'drop' as const,
          'double' as const,
          'cut' as const,
          'swap' as const,
          'noise' as const,
        ),
        noise: fc.string({ maxLength: 12 }),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...corpus), mangled, fc.boolean(), (each, steps, carriage) => {
        const lines = each.answer.split('\n');
        for (const { at, what, noise } of steps) {
          const line = Math.floor(at * lines.length);
          if (what === 'drop') lines.splice(line, 1);
          else if (what === 'double') lines.splice(line, 0, lines[line] ?? '');
          else if (what === 'cut') lines.splice(line + 1);
          else if (what === 'swap') lines.splice(line, 0, ...lines.splice(line + 1, 1));
          else lines.splice(line, 1, noise);
        }
        const answer = lines.join('\n');
        const files = each.shown.map((file) => ({
          ...file,
          text: carriage ? file.text.replaceAll('\n', '\r\n') : file.text,
        }));
        for (const result of [answerEdits(answer, files).changes, settledEdits(answer, files)]) {
          for (const { uri, original, proposed } of result) {
            if (uri !== undefined) expectUntouched(original, proposed, answer);
          }
        }
      }),
      { numRuns: 600, seed: 11 },
    );
  }, 60_000);

  it('hold any text at all without an error', () => {
    const piece = fc.constantFrom(
      ...[
        '```',
        '```ts',
        '<<<<<<< SEARCH',
        '=======',
        '>>>>>>> REPLACE',
        '@@ -1 +1 @@',
        '--- a/x.ts',
        '+++ b/x.ts',
        '...',
      ],
      ...[
        '// ... existing code ...',
        '*** Begin Patch',
        '*** Update File: x.ts',
        '+a',
        '-a',
        ' a',
        'a',
        '{',
        '}',
        '',
      ],
    );
    const line = fc.oneof(piece, fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.array(line, { maxLength: 12 }), (said, file) => {
        const text = file.join('\n');
        const files = [{ uri: 'file:///x.ts', path: 'x.ts', languageId: 'typescript', text }];
        const { changes, refused } = answerEdits(said.join('\n'), files);
        expect(changes.length + refused.length).toBeGreaterThan(0);
        settledEdits(said.join('\n'), files);
      }),
      { numRuns: 2000, seed: 3 },
    );
  }, 60_000);

  it('lead, while they grow, only to what their edits are, and at the end to the same as the whole', () => {
    for (const { answer, shown: files, texts, name } of corpus) {
      for (let end = 0; end <= answer.length; end += 37) {
        for (const { original, proposed } of settledEdits(answer.slice(0, end), files)) {
          expectUntouched(original, proposed, answer);
        }
      }
      const refusedAll = texts.size === 0;
      const settled = settledEdits(answer, files).filter(({ uri }) => uri !== undefined);
      if (!refusedAll) continue;
      // What is refused in the end may have looked settled, but only as a part of what the answer says.
      for (const { original, proposed } of settled) expectUntouched(original, proposed, answer + name);
    }
  });
});
