import { describe, expect, it } from 'vitest';
import { proposalFrom } from '../../../src/edit/proposal';

const file = 'class A {\n  one() {\n    return 1;\n  }\n\n  two() {\n    return 2;\n  }\n}\n';

describe('proposalFrom', () => {
  it('puts the code of an answer in place of the lines it was asked for', () => {
    const answer = 'Fixed:\n\n```ts\none() {\n  return 10;\n}\n```\nIt now returns 10.';
    expect(proposalFrom(answer, 'typescript', file, { start: 1, end: 3 })).toBe(
      file.replace('return 1;', 'return 10;'),
    );
  });

  it('takes an answer that repeats the whole file as the whole file', () => {
    const whole = file.replace('return 2;', 'return 20;');
    expect(proposalFrom(`\`\`\`ts\n${whole}\`\`\``, 'typescript', file, { start: 5, end: 7 })).toBe(whole);
  });

  it('finds nothing in an answer without code', () => {
    expect(
      proposalFrom('There is nothing to fix here.', 'typescript', file, { start: 1, end: 3 }),
    ).toBeUndefined();
  });
});
