/** Prompts of actions on more than selected code: as short as those of `prompts.ts`, for the same reason. */

export interface CommitPromptParts {
  /** First lines of the latest commits, newest first; none in a new repository. */
  subjects: readonly string[];
  /** What the author has written already; '' for nothing. */
  note: string;
  diff: string;
}

export const commitSystemPrompt =
  'You write commit messages. Answer with the message alone: a subject line of at most 72 characters in the ' +
  'imperative and, only where the subject does not say it all, a blank line and a short body on why.';

/** The style comes before what changes, and the question last. */
export function commitPrompt({ subjects, note, diff }: CommitPromptParts): string {
  const style = subjects.length === 0 ? [] : ['Subjects of earlier commits:', ...subjects, ''];
  const written = note === '' ? [] : ['', 'The author noted:', note];
  return [...style, 'Staged changes:', diff, ...written, '', 'Write the commit message.'].join('\n');
}

export const terminalPrompt = 'Explain why this command failed.\nName the cause first, then how to fix it.';
