import { describe, expect, it } from 'vitest';
import { commitPrompt, testsPrompt } from '../../../src/prompts/actionPrompts';

describe('the prompt for a commit message', () => {
  const diff = 'diff --git a/a b/a\n+one';

  it('begins with what stays the same, and ends with the question', () => {
    const prompt = commitPrompt({ subjects: ['Add b', 'Fix c'], note: 'for users', diff });
    expect(prompt).toBe(
      `Subjects of earlier commits:\nAdd b\nFix c\n\nStaged changes:\n${diff}\n\nThe author noted:\nfor users\n\nWrite the commit message.`,
    );
  });

  it('says nothing of what there is not', () => {
    expect(commitPrompt({ subjects: [], note: '', diff })).toBe(
      `Staged changes:\n${diff}\n\nWrite the commit message.`,
    );
  });
});

describe('the prompt for tests', () => {
  const parts = { path: 'test/a.test.ts', framework: 'Vitest', importFrom: '../src/a', example: undefined };

  it('names file, framework and import of a new file', () => {
    const prompt = testsPrompt({ ...parts, exists: false });
    expect(prompt).toMatch(/with Vitest\. They go into test\/a\.test\.ts\.\nImport it from '\.\.\/src\/a'\./);
    expect(prompt).toMatch(/whole file in one fenced block\.$/);
  });

  it('asks for new tests alone where the file is there, whose imports show', () => {
    const prompt = testsPrompt({ ...parts, exists: true, example: 'test/b.test.ts' });
    expect(prompt).not.toContain('Import it');
    expect(prompt).toContain('Write them as test/b.test.ts is written.');
    expect(prompt).toMatch(/only the tests to add, in one fenced block\.$/);
  });
});
