import { describe, expect, it } from 'vitest';
import { nextSentences, plainWords } from '../../../webview/chat/speech';

describe('plainWords', () => {
  it('leaves marks and code blocks out', () => {
    const text =
      '## Title\n\nUse **this** and `that`, see [docs](https://x.y).\n\n```ts\nlet a = 1;\n```\n\n- one\n- two';
    expect(plainWords(text)).toBe('Title\nUse this and that, see docs.\none\ntwo');
  });

  it('leaves a code block out that is still being written', () => {
    expect(plainWords('Look:\n\n```ts\nlet a = 1; // Not. Spoken.')).toBe('Look:');
  });
});

describe('nextSentences', () => {
  it('gives whole sentences only, each once', () => {
    const words = 'First one. Second one! And a th';
    const first = nextSentences(words, 0);
    expect(first.text).toBe('First one. Second one!');
    expect(nextSentences(words, first.end).text).toBe('');
    expect(nextSentences(`${words}ird. `, first.end).text).toBe('And a third.');
  });

  it('does not stop in a number or a file name', () => {
    expect(nextSentences('Version 1.5 of main.ts is', 0).text).toBe('');
  });
});
