import { describe, expect, it } from 'vitest';
import { fimPrompt } from '../../../src/engine/fimPrompt';
import type { FimTokens } from '../../../src/gguf/fimTokens';
import type { CompleteRequest } from '../../../src/protocol/engine';

const names = ['<pre>', '<suf>', '<mid>', '<repo>', '<sep>', '<bos>'];
const [prefix = 0, suffix = 0, middle = 0, repository = 0, separator = 0, begin = 0] = names.map(
  (_, index) => 1_000_000 + index,
);
const fim: FimTokens = { prefix, suffix, middle, repository, separator };

const request: CompleteRequest = {
  ...{ prefix: 'a = ', suffix: ';\n', path: 'own.ts', repository: 'shop', maxTokens: 1, maxLines: 1 },
  files: [
    { path: 'far.ts', text: 'far' },
    { path: 'near.ts', text: 'near\n' },
  ],
};

/** The prompt as a text, of a tokenizer with a token for each character. */
function promptOf(changes: Partial<CompleteRequest> = {}, tokens: FimTokens = fim): string {
  const tokenize = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return fimPrompt({ ...request, ...changes }, tokens, tokenize, [begin])
    .map((token) => names[token - 1_000_000] ?? String.fromCodePoint(token))
    .join('');
}

describe('fimPrompt', () => {
  it('has the repository and other files first, then prefix, suffix and middle', () => {
    expect(promptOf()).toBe(
      '<bos><repo>shop\n<sep>far.ts\nfar\n<sep>near.ts\nnear\n<sep>own.ts\n<pre>a = <suf>;\n<mid>',
    );
  });

  it('leaves out what the model has no tokens for, and names nothing where there is nothing beside', () => {
    const bare = '<bos><pre>a = <suf>;\n<mid>';
    expect(promptOf({}, { prefix, suffix, middle })).toBe(bare);
    expect(promptOf({ files: [] })).toBe(bare);
    expect(promptOf({}, { prefix, suffix, middle, separator })).toMatch(/^<bos><sep>far\.ts/);
  });
});
