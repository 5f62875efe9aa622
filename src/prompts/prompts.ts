import { commentStyle } from '../languages/commentStyle';

/**
 * Every prompt, as data. Small models follow short prompts, and on a slow machine each token of them is waited
 * for: a sentence stays only where answers get worse without it.
 */

/** The fixed prefix of every conversation: under 200 tokens, so that it costs little and is read once. */
export const systemPrompt =
  'You are a coding assistant inside a code editor. Answer briefly and concretely. ' +
  'Put code in fenced blocks with the language after the fence. ' +
  'Keep the style, the names and the indentation of the code you are given. ' +
  'Do not invent files, functions or options; say so when you do not know.';

export interface EditorPrompt {
  /** What the person asked for: the first words of the message they see. */
  readonly title: string;
  /** What is added to the title for the model. Empty: nothing. */
  readonly instruction: string;
  /** `code`: the answer replaces the selection, through the review. `prose`: it stays in the chat. */
  readonly answer: 'prose' | 'code';
}

export const wholeCode =
  'Answer with the whole selected code, changed, in one fenced block. Leave nothing out. No other text.';

export const editorPrompts = {
  ask: { title: '', instruction: '', answer: 'prose' },
  explain: {
    title: 'Explain this code.',
    instruction: 'Say what it does, then how, step by step. Name anything surprising.',
    answer: 'prose',
  },
  fix: { title: 'Fix the problems in this code.', instruction: wholeCode, answer: 'code' },
  refactor: {
    title: 'Refactor this code to be simpler and easier to read, with the same behavior.',
    instruction: wholeCode,
    answer: 'code',
  },
  writeTests: {
    title: 'Write tests for this code.',
    instruction: 'Cover usual cases, edge cases and errors. Answer with one fenced block.',
    answer: 'prose',
  },
  document: {
    title: 'Add documentation comments to this code.',
    instruction: `Change only comments. ${wholeCode}`,
    answer: 'code',
  },
  edit: { title: '', instruction: wholeCode, answer: 'code' },
} as const satisfies Record<string, EditorPrompt>;

export type EditorPromptName = keyof typeof editorPrompts;

/** A message about a problem that the editor reports in the selected code. */
export interface Problem {
  /** 1-based line in the file. */
  line: number;
  message: string;
}

const maxProblems = 10;

/** The form of documentation that a language has, as a request; '' where it has none of its own. */
export function documentationForm(languageId: string): string {
  const { documentation } = commentStyle(languageId);
  return documentation === undefined ? '' : `Use ${documentation}.`;
}

/**
 * The message for one command.
 * @param typed what the person typed, for the commands that ask for it
 * @param problems what the editor reports in the selection; the first ten are named
 */
export function editorMessage(name: EditorPromptName, typed = '', problems: readonly Problem[] = []): string {
  const { title, instruction } = editorPrompts[name];
  const request = [title, typed.trim(), instruction].filter((part) => part !== '').join('\n');
  if (problems.length === 0) return request;
  const named = problems
    .slice(0, maxProblems)
    .map(({ line, message }) => `- line ${line}: ${message.trim()}`);
  return `${request}\n\nProblems:\n${named.join('\n')}`;
}
