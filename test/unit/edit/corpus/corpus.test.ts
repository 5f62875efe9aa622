import { describe, expect, it } from 'vitest';
import { answerEdits, type AnswerEdits, type ShownFile } from '../../../../src/edit/answerEdits';
import { readCorpus, type CorpusCase } from './readCorpus';

const corpus = readCorpus();

function outcome({ changes, refused }: AnswerEdits) {
  return {
    texts: new Map(
      changes.flatMap(({ uri, path, proposed }) => (uri === undefined ? [] : [[path, proposed]])),
    ),
    created: new Map(
      changes.flatMap(({ uri, path, proposed }) => (uri === undefined ? [[path, proposed]] : [])),
    ),
    refused: refused.map(({ why }) => why),
  };
}

function check(
  { shown, answer, texts, created, refused }: CorpusCase,
  change: (text: string) => string,
  said = answer,
) {
  const files = shown.map((file): ShownFile => ({ ...file, text: change(file.text) }));
  const expected = new Map([...texts].map(([path, text]) => [path, change(text)]));
  expect(outcome(answerEdits(said, files))).toEqual({ texts: expected, created, refused });
}

const withCarriageReturns = (text: string) => text.replaceAll('\n', '\r\n');

describe('200 answers over real source files, each applied exactly, or refused', () => {
  it('are 200 at least, all different', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(200);
    expect(
      new Set(corpus.map(({ answer, shown }) => shown.map(({ path }) => path).join() + answer)).size,
    ).toBe(corpus.length);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  it.each(corpus)('$name', (each) => check(each, (text) => text));

  it.each(corpus)('$name, in a file with carriage returns', (each) => {
    check(each, withCarriageReturns);
    check(each, withCarriageReturns, withCarriageReturns(each.answer));
  });

  it.each(corpus)('$name, in a file without a final line end', (each) => {
    check(each, (text) => text.replace(/\n$/, ''));
  });
});
