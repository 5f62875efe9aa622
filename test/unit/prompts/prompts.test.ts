import { describe, expect, it } from 'vitest';
import { documentationForm, editorMessage, editorPrompts, systemPrompt } from '../../../src/prompts/prompts';

describe('prompts', () => {
  it('keeps the fixed prefix far under 200 tokens', () => {
    // English runs at about four characters a token, and never under two.
    expect(systemPrompt.length).toBeLessThan(400);
  });

  it('asks for the whole code in one block wherever the answer replaces the selection', () => {
    for (const prompt of Object.values(editorPrompts)) {
      if (prompt.answer === 'code')
        expect(prompt.instruction).toMatch(/whole selected code.*one fenced block/);
      expect(`${prompt.title} ${prompt.instruction}`.length).toBeLessThan(240);
    }
  });

  it('puts what the person typed before the instruction', () => {
    const message = editorMessage('edit', '  use a map  ');
    expect(message.startsWith('use a map\n')).toBe(true);
    expect(message).toContain('one fenced block');
  });

  it('asks for documentation in the form of the language', () => {
    expect(editorMessage('document', documentationForm('python'))).toContain('Use docstrings (PEP 257).');
    expect(documentationForm('java')).toBe('Use Javadoc.');
    expect(documentationForm('css')).toBe('');
  });

  it('sends a question as it was typed', () => {
    expect(editorMessage('ask', 'why?')).toBe('why?');
  });

  it('names at most ten problems, with their lines', () => {
    const problems = Array.from({ length: 12 }, (_, index) => ({
      line: index + 1,
      message: `wrong ${index}`,
    }));
    const message = editorMessage('fix', '', problems);
    expect(message).toContain('- line 1: wrong 0');
    expect(message).toContain('- line 10: wrong 9');
    expect(message).not.toContain('wrong 10');
  });
});
