import { wholeCode } from './prompts';

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

/** @param problem as the editor reports it, with the places that it refers to */
export function fixProblemPrompt(problem: string): string {
  return `Fix this problem, and change nothing else.\n${problem}\n\n${wholeCode}`;
}

export function explainProblemPrompt(problem: string): string {
  return `Explain this problem.\n${problem}\n\nSay what it means here, what causes it, and how to fix it.`;
}

export interface TestsPromptParts {
  /** Paths are workspace-relative. */
  path: string;
  framework: string;
  /** What the tested code is imported by; undefined: not known. */
  importFrom: string | undefined;
  /** A test of the project that goes along; undefined: it has none. */
  example: string | undefined;
  /** The file is there, goes along, and is added to. */
  exists: boolean;
}

export function testsPrompt({ path, framework, importFrom, example, exists }: TestsPromptParts): string {
  const lines = [
    `Write tests for this code with ${framework}. They go into ${path}.`,
    ...(importFrom === undefined || exists ? [] : [`Import it from '${importFrom}'.`]),
    ...(example === undefined ? [] : [`Write them as ${example} is written.`]),
    'Cover usual cases, edge cases and errors.',
    exists
      ? 'Answer with only the tests to add, in one fenced block.'
      : 'Answer with the whole file in one fenced block.',
  ];
  return lines.join('\n');
}
