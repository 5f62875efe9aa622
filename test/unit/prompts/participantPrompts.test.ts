import { describe, expect, it } from 'vitest';
import { participantPrompt } from '../../../src/prompts/participantPrompts';
import { editorMessage } from '../../../src/prompts/prompts';

describe('what is asked behind a slash', () => {
  it.each([
    ['explain', 'explain', false],
    ['fix', 'fix', true],
    ['tests', 'writeTests', false],
    ['doc', 'document', true],
  ] as const)('/%s is the prompt of the command on code', (command, name, changesCode) => {
    expect(participantPrompt(command, ' the loop ')).toEqual({
      ...{ message: editorMessage(name, 'the loop'), needsCode: true, changesCode },
    });
  });

  it('/fix names the problems', () => {
    const problems = [{ line: 3, message: 'Wrong sign.' }];
    expect(participantPrompt('fix', '', problems).message).toContain('- line 3: Wrong sign.');
    expect(participantPrompt('doc', '', problems).message).not.toContain('line 3');
  });

  it('/plan asks for steps and for no code', () => {
    const { message, ...rest } = participantPrompt('plan', 'Add a cache');
    expect(message).toMatch(/^Add a cache\nMake a plan/);
    expect(rest).toEqual({ needsCode: false, changesCode: false });
  });

  it('is what was typed where there is no command, or one that is not known', () => {
    const plain = { message: 'Why?', needsCode: false, changesCode: false };
    expect(participantPrompt(undefined, ' Why? ')).toEqual(plain);
    expect(participantPrompt('toString', 'Why?')).toEqual(plain);
  });
});
