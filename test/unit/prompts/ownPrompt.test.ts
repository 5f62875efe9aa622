import { describe, expect, it } from 'vitest';
import {
  promptFromFile,
  promptFromSetting,
  promptText,
  type OwnPrompt,
} from '../../../src/prompts/ownPrompt';

const prompt = (parts: Partial<OwnPrompt>): OwnPrompt => ({
  ...{ name: 'review', description: '', mode: 'chat', context: '', text: 'Review this.' },
  ...parts,
});
const good = (parts: Partial<OwnPrompt>) => ({ kind: 'prompt', prompt: prompt(parts) });

describe('a prompt file', () => {
  it('says by its front matter what it is', () => {
    const text = `---
name: review
description: "Looks for mistakes: all of them"
mode: edit
context: [@selection, problems]
---

Review this.
`;
    const parts = { description: 'Looks for mistakes: all of them', mode: 'edit' as const };
    expect(promptFromFile('other.md', text)).toEqual(good({ ...parts, context: '@selection @problems' }));
  });

  it.each([
    'context:\n  - "@selection"\n  - problems',
    'context: @selection @problems',
    'Context: selection, problems',
  ])('names context in the ways that people write lists: %j', (field) => {
    expect(promptFromFile('review.md', `---\n${field}\n---\nReview this.`)).toEqual(
      good({ context: '@selection @problems' }),
    );
  });

  it('keeps names with spaces in one mention each', () => {
    const parsed = promptFromFile('review.md', '---\ncontext: @file:"my notes.md" @diff\n---\nReview this.');
    expect(parsed).toEqual(good({ context: '@file:"my notes.md" @diff' }));
  });

  it('needs no front matter, whatever its line ends are', () => {
    expect(promptFromFile('review.md', '\uFEFFReview this.\r\n')).toEqual(good({}));
    expect(promptFromFile('review.prompt.md', '---\r\n---\r\nReview this.')).toEqual(good({}));
    const ruled = 'Review this.\n\n---\n\nThen that.';
    expect(promptFromFile('review.md', ruled)).toEqual(good({ text: ruled }));
  });

  it.each([
    ['badMode', '---\nmode: agent\n---\nDo it.'],
    ['noText', '---\nmode: chat\n---\n\n'],
    ['badName', '---\nname: a/b\n---\nDo it.'],
  ])('is refused as %s', (problem, text) => {
    expect(promptFromFile('review.md', text)).toMatchObject({ kind: 'problem', problem });
  });
});

describe('a prompt of the settings', () => {
  it('is a text or an object', () => {
    expect(promptFromSetting('review', 'Review this.')).toEqual(good({}));
    expect(
      promptFromSetting('review', { prompt: 'Review this.', mode: 'inline', context: ['selection'] }),
    ).toEqual(good({ mode: 'inline', context: '@selection' }));
  });

  it.each([[42], [null], [{ text: 'x' }], [{ prompt: 'x', mode: 'loud' }]])('is refused as %j', (value) => {
    expect(promptFromSetting('review', value)).toMatchObject({ kind: 'problem', name: 'review' });
  });
});

describe('what a prompt asks', () => {
  it('holds what was added in its place, to the letter', () => {
    const asked = prompt({ text: 'Translate {{input}} to French: {{input}}' });
    expect(promptText(asked, ' $& ')).toBe('Translate $& to French: $&');
  });

  it('has it below, where the prompt names no place', () => {
    expect(promptText(prompt({}), 'Quickly.')).toBe('Review this.\n\nQuickly.');
    expect(promptText(prompt({}), ' ')).toBe('Review this.');
  });
});
