import { describe, expect, it } from 'vitest';
import { applyLineEdits, toRangeEdit } from '../../../src/edit/lineEdit';
import { ReviewModel } from '../../../src/edit/reviewModel';
import { parseLines, proposedLines } from '../../../src/edit/textLines';
import { applyRangeEdits, pick, randomFrom, shuffled } from './randomTexts';

const original = 'import a\n\nfunction one() {\n  return 1;\n}\n\nfunction two() {\n  return 2;\n}\n';
const proposed =
  'import a\nimport b\n\nfunction one() {\n  return 10;\n}\n\nfunction two() {\n  return 20;\n}\n';

/** Accepts hunks one after the other on a text, as the editor would, and returns the text. */
function accept(model: ReviewModel, ids: readonly number[], text: string): string {
  let current = text;
  for (const id of ids) {
    const { edits, refused } = model.accept([id], current);
    expect(refused).toEqual([]);
    const { lines, eol } = parseLines(current);
    current = applyRangeEdits(
      current,
      edits.map(({ edit }) => toRangeEdit(lines, edit, eol)),
    );
    model.decide(id, 'accepted');
  }
  return current;
}

describe('ReviewModel', () => {
  it('shows removed lines, then added ones, at the places it says', () => {
    const { text, hunks } = new ReviewModel(original, proposed).render();
    const lines = text.split('\n');
    expect(hunks).toHaveLength(3);
    const [, second] = hunks;
    expect(lines.slice(second?.removed.start, second?.removed.end)).toEqual(['  return 1;']);
    expect(lines.slice(second?.added.start, second?.added.end)).toEqual(['  return 10;']);
    expect(lines.slice(hunks[0]?.removed.start, hunks[0]?.removed.end)).toEqual([]);
    expect(lines.slice(hunks[0]?.added.start, hunks[0]?.added.end)).toEqual(['import b']);
  });

  it('shows decided hunks as plain lines', () => {
    const model = new ReviewModel(original, proposed);
    model.decide(0, 'accepted');
    model.decide(1, 'rejected');
    const { text, hunks } = model.render();
    expect(text).toContain('import b');
    expect(text).toContain('return 1;');
    expect(text).not.toContain('return 10;');
    expect(hunks.map(({ id }) => id)).toEqual([2]);
    model.decide(2, 'accepted');
    expect(model.render().text).toBe(model.expectedLines().join('\n'));
    expect(model.pending).toEqual([]);
  });

  it('does not change a decision', () => {
    const model = new ReviewModel(original, proposed);
    model.decide(1, 'rejected');
    model.decide(1, 'accepted');
    expect(model.stateOf(1)).toBe('rejected');
  });

  it('leads to exactly the proposal when all is accepted, in line ends of the file', () => {
    const random = randomFrom(1);
    for (let round = 0; round < 300; round++) {
      const { before, after } = pick(random);
      const model = new ReviewModel(before, after);
      const { lines, eol } = parseLines(before);
      const { edits, refused } = model.accept(
        model.pending.map(({ id }) => id),
        before,
      );
      expect(refused).toEqual([]);
      const result = applyRangeEdits(
        before,
        edits.map(({ edit }) => toRangeEdit(lines, edit, eol)),
      );
      expect(result).toBe(proposedLines(lines, after).join(eol));
    }
  });

  it('leads to the same text in whatever order a subset is accepted', () => {
    const random = randomFrom(2);
    for (let round = 0; round < 300; round++) {
      const { before, after } = pick(random);
      const reference = new ReviewModel(before, after);
      const subset = reference.pending.map(({ id }) => id).filter(() => random() < 0.6);
      const { lines, eol } = parseLines(before);
      const { edits } = reference.accept(subset, before);
      const expected = applyLineEdits(
        lines,
        edits.map(({ edit }) => edit),
      ).join(eol);
      const model = new ReviewModel(before, after);
      expect(accept(model, shuffled(subset, random), before)).toBe(expected);
      expect(model.expectedLines().join(eol)).toBe(expected);
    }
  });

  it('never changes lines other than those of the hunk, whatever happened to the file', () => {
    const random = randomFrom(3);
    let found = 0;
    for (let round = 0; round < 600; round++) {
      const { before, after, meanwhile } = pick(random);
      const model = new ReviewModel(before, after);
      const current = parseLines(meanwhile).lines;
      for (const hunk of model.pending) {
        const [accepted] = model.accept([hunk.id], meanwhile).edits;
        if (accepted === undefined) continue;
        found++;
        const { start, count } = accepted.edit;
        expect(current.slice(start, start + count)).toEqual(hunk.originalLines);
      }
    }
    expect(found).toBeGreaterThan(100);
  });
});

describe('a file that changed meanwhile', () => {
  const accepted = (current: string, id = 1) => {
    const result = new ReviewModel(original, proposed).accept([id], current);
    const lines = applyLineEdits(
      parseLines(current).lines,
      result.edits.map(({ edit }) => edit),
    );
    return { text: lines.join('\n'), refused: result.refused };
  };

  it('above the hunk: the hunk moves down', () => {
    const { text, refused } = accepted(`// licence\n// two lines\n${original}`);
    expect(refused).toEqual([]);
    expect(text).toBe(`// licence\n// two lines\n${original.replace('return 1;', 'return 10;')}`);
  });

  it('below the hunk: the hunk stays', () => {
    expect(accepted(`${original}\nfunction three() {}\n`).text).toBe(
      `${original.replace('return 1;', 'return 10;')}\nfunction three() {}\n`,
    );
  });

  it('near the hunk: it is still recognised', () => {
    const current = original.replace('import a', 'import { a }');
    expect(accepted(current).text).toBe(current.replace('return 1;', 'return 10;'));
  });

  it('inside the hunk: refused', () => {
    const current = original.replace('return 1;', 'return 1 + 1;');
    expect(accepted(current)).toEqual({ text: current, refused: [{ id: 1, why: 'gone' }] });
  });

  it('by a copy of the passage: refused, since nothing tells which is meant', () => {
    const passage = 'function one() {\n  return 1;\n}\n\n';
    const twice = new ReviewModel(passage, passage.replace('1;', '10;')).accept([0], passage + passage);
    expect(twice).toEqual({ edits: [], refused: [{ id: 0, why: 'ambiguous' }] });
  });

  it('by deleting the right one of two equal passages: refused', () => {
    const passage = 'if (x) {\n  stop();\n}\n';
    const before = `${passage}middle();\n${passage}`;
    const after = `${passage}middle();\n${passage.replace('stop', 'halt')}`;
    const model = new ReviewModel(before, after);
    expect(model.accept([0], passage).edits).toEqual([]);
    expect(model.accept([0], before).edits).toHaveLength(1);
  });

  it('around a place recognised by brackets alone: refused', () => {
    const model = new ReviewModel('{\n\n}\n', '{\n\nnew();\n}\n');
    expect(model.accept([0], 'x\n{\n\n}\n').edits).toEqual([]);
  });

  it('takes what still fits and refuses the rest', () => {
    const model = new ReviewModel(original, proposed);
    const { edits, refused } = model.accept([0, 1, 2], original.replace('return 1;', 'return 7;'));
    expect(edits.map(({ id }) => id)).toEqual([0, 2]);
    expect(refused).toEqual([{ id: 1, why: 'gone' }]);
  });
});

describe('a ReviewModel of an answer that grows', () => {
  const part = original.replace('return 1;', 'return 10;');

  it('keeps what was decided, and the names of hunks', () => {
    const model = new ReviewModel(original, part);
    const [first] = model.pending;
    model.decide(first?.id ?? -1, 'accepted');
    model.propose(proposed);
    expect(model.pending.map(({ proposedLines: lines }) => lines)).toEqual([['import b'], ['  return 20;']]);
    expect(new Set(model.hunks.map(({ id }) => id)).size).toBe(3);
    expect(model.stateOf(first?.id ?? -1)).toBe('accepted');
    expect(model.proposedLines()).toEqual(proposed.split('\n'));
  });

  it('keeps a hunk rejected that comes again', () => {
    const model = new ReviewModel(original, part);
    model.decide(0, 'rejected');
    model.propose(proposed);
    model.propose(proposed);
    expect(model.pending).toHaveLength(2);
    expect(model.stateOf(0)).toBe('rejected');
  });

  it('offers of a hunk that goes on behind an accepted one only the rest', () => {
    const model = new ReviewModel(original, original.replace('import a\n', 'import a\nimport b\n'));
    model.decide(0, 'accepted');
    model.propose(original.replace('import a\n', 'import a\nimport b\nimport c\n'));
    expect(model.pending.map(({ proposedLines: lines }) => lines)).toEqual([['import c']]);
    expect(model.proposedLines().slice(0, 4)).toEqual(['import a', 'import b', 'import c', '']);
    expect(
      accept(
        model,
        model.pending.map(({ id }) => id),
        model.expectedLines().join('\n'),
      ),
    ).toBe(model.proposedLines().join('\n'));
  });

  it('leaves what was accepted alone where the answer wants it otherwise in the end', () => {
    const model = new ReviewModel(original, part);
    model.decide(0, 'accepted');
    model.propose(original.replace('return 1;', 'return 11;'));
    expect(model.pending).toEqual([]);
    expect(model.expectedLines().join('\n')).toBe(part);
  });

  it('drops a hunk that the whole answer does not hold', () => {
    const model = new ReviewModel(original, part);
    model.propose(original);
    expect(model.pending).toEqual([]);
    expect(model.render().text).toBe(original);
  });
});
