import { describe, expect, it } from 'vitest';
import { answerEdits, saysWhere, settledEdits, type ShownFile } from '../../../src/edit/answerEdits';

const text = `class Queue {
  push(item) {
    this.items.push(item);
    return this.items.length;
  }

  pop() {
    return this.items.pop();
  }
}
`;

function file(change: Partial<ShownFile> = {}): ShownFile {
  return { uri: 'file:///queue.js', path: 'queue.js', languageId: 'javascript', text, ...change };
}

describe('settledEdits', () => {
  const answer = `Done:

\`\`\`js
class Queue {
  push(item) {
    this.items.unshift(item);
    return this.items.length;
  }

  pop() {
    const item = this.items.shift();
    return item;
  }
}
\`\`\``;
  const soFar = (end: string) => answer.slice(0, answer.indexOf(end) + end.length);
  const proposed = (part: string) => settledEdits(part, [file()])[0]?.proposed;

  it('have nothing before the code and the file are the same again', () => {
    expect(proposed(soFar('Done:'))).toBeUndefined();
    expect(proposed(soFar('unshift(item);\n'))).toBeUndefined();
  });

  it('grow with each passage that is the same again, and leave the rest of the file', () => {
    const first = text.replace('items.push', 'items.unshift');
    expect(proposed(soFar('pop() {\n'))).toBe(first);
    expect(proposed(soFar('return item;'))).toBe(first);
    expect(proposed(answer)).toBe(
      first.replace('return this.items.pop();', 'const item = this.items.shift();\n    return item;'),
    );
  });

  it('hold a search and replace pair once it is closed', () => {
    const pair = '<<<<<<< SEARCH\n    return this.items.pop();\n=======\n    return 1;\n>>>>>>> REPLACE';
    expect(proposed(`\`\`\`\n${pair.slice(0, -15)}`)).toBeUndefined();
    expect(proposed(`\`\`\`\n${pair}\n`)).toBe(text.replace('this.items.pop()', '1'));
  });

  it('hold a hunk of a diff once the next begins', () => {
    const hunk = '@@ -1 +1 @@\n-    return this.items.pop();\n+    return 1;\n';
    expect(proposed(`\`\`\`diff\n${hunk}`)).toBeUndefined();
    expect(proposed(`\`\`\`diff\n${hunk}@@ `)).toBe(text.replace('this.items.pop()', '1'));
  });
});

describe('answerEdits', () => {
  it('keep a byte order mark', () => {
    const marked = `\uFEFF${text}`;
    const answer = '```js\nclass Queue {\n  // ... existing code ...\n  pop() {\n    return 1;\n  }\n}\n```';
    const [change] = answerEdits(answer, [file({ text: marked })]).changes;
    expect(change?.original).toBe(marked);
    expect(change?.proposed).toBe(marked.replace('return this.items.pop();', 'return 1;'));
  });

  it('keep each line end of a file that mixes them', () => {
    const mixed = text.replace('push(item) {\n', 'push(item) {\r\n');
    const answer = '<<<<<<< SEARCH\n    return this.items.pop();\n=======\n    return 1;\n>>>>>>> REPLACE';
    expect(answerEdits(answer, [file({ text: mixed })]).changes[0]?.proposed).toBe(
      mixed.replace('this.items.pop()', '1'),
    );
  });

  it('fill a file that is empty', () => {
    expect(answerEdits('```js\nexport {};\n```', [file({ text: '' })]).changes[0]?.proposed).toBe(
      'export {};\n',
    );
  });

  describe('with our own mark of lines that the model was not shown', () => {
    const block = (code: string) => answerEdits(`\`\`\`js\n${code}\`\`\``, [file()]);
    const push = '  push(item) {\n    this.items.unshift(item);\n    return this.items.length;\n  }\n';

    it.each(['[… lines 7–9 left out]', '  // [... lines 7-9 left out]', '[… 3 lines left out]'])(
      'leave the lines as they are: %s',
      (mark) => {
        const { changes } = block(`class Queue {\n${push}\n${mark}\n}\n`);
        expect(changes.map(({ proposed }) => proposed)).toEqual([
          text.replace('items.push', 'items.unshift'),
        ]);
      },
    );

    it('are refused where it is not certain what the mark stands for', () => {
      const { changes, refused } = block(`class Queue {\n${push}\n  pop() {} // [… lines 8–9 left out]\n}\n`);
      expect(changes).toEqual([]);
      expect(refused.map(({ why }) => why)).toEqual(['unclear']);
    });

    it('never write it into a file', () => {
      const pair =
        '<<<<<<< SEARCH\n    return this.items.pop();\n=======\n[… lines 8–9 left out]\n>>>>>>> REPLACE\n';
      const { changes, refused } = answerEdits(pair, [file()]);
      expect(changes).toEqual([]);
      expect(refused.map(({ why }) => why)).toEqual(['unclear']);
    });
  });

  it.each([
    ['Remove the export', ['function one() {\n  return 1;\n}\n']],
    ['Make it faster', []],
  ])('let an export go only where the question is about it: %s', (question, proposed) => {
    const own = file({ text: 'export function one() {\n  return 1;\n}\n' });
    const { changes } = answerEdits('```js\nfunction one() {\n  return 1;\n}\n```', [own], question);
    expect(changes.map((change) => change.proposed)).toEqual(proposed);
  });

  it('have nothing to change where no file was shown', () => {
    expect(answerEdits('```js\nlet a;\n```', [])).toEqual({
      changes: [],
      refused: [{ why: 'noCode', code: 'let a;' }],
    });
  });
});

describe('saysWhere', () => {
  it.each([
    ['<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE', true],
    ['@@ -1 +1 @@\n-a\n+b', true],
    ['function a() {\n  // ... existing code ...\n}', true],
    ['pop() {\n  return 1;\n}', false],
    ['- a\n- b', false],
  ])('of %j is %s', (code, expected) => {
    expect(saysWhere(code, file())).toBe(expected);
  });
});
