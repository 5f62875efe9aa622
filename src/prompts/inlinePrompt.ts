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

const added = (line: number): string =>
  `Where code is asked for, answer with what goes to line ${line}, which is empty, in one fenced block, ` +
  'and nothing else. Do not repeat what is there.';

/** What a conversation in the editor is about: so many lines of code, or an empty one (1-based). */
export type InlineSubject = { lines: number } | { emptyLine: number };

/** What such a conversation begins with. The same throughout it, so that it is read once. */
export function inlinePrompt(subject: InlineSubject): string {
  const how = 'emptyLine' in subject ? added(subject.emptyLine) : subject.lines > wholeUpTo ? parts : whole;
  return `${systemPrompt}\n${how} To a question answer in words.`;
}
