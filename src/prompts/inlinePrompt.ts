import { systemPrompt } from './prompts';

/** Lines of a selection up to which a model writes all of it anew: beyond, what stays the same would be waited for. */
const wholeUpTo = 60;

const whole =
  'Where a change is asked for, answer with the whole code that was shown, changed, in one fenced block, ' +
  'and nothing else. Leave nothing out.';

const parts = `Where a change is asked for, answer with one such block for each changed part, and nothing else:
<<<<<<< SEARCH
lines as they are
=======
lines as they should be
>>>>>>> REPLACE`;

/** What a conversation about so many selected lines begins with. The same throughout it, so that it is read once. */
export function inlinePrompt(lines: number): string {
  return `${systemPrompt}\n${lines > wholeUpTo ? parts : whole} To a question answer in words.`;
}
