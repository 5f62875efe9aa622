import { editorMessage, editorPrompts, type EditorPromptName, type Problem } from './prompts';

/** What follows `@layercake /` in VS Code's own chat, by the prompt that it stands for. */
const prompts = {
  explain: 'explain',
  fix: 'fix',
  tests: 'writeTests',
  doc: 'document',
} as const satisfies Record<string, EditorPromptName>;

const planInstruction =
  'Make a plan for this change, and do not write it yet: the steps in their order, with the files and functions ' +
  'of each; then what could go wrong, and how to test it. Ask what is unclear. Be brief.';

export interface ParticipantPrompt {
  /** What the model is asked, below the code. */
  message: string;
  /** It is about code: that of the editor where none is named. */
  needsCode: boolean;
  /** The answer replaces the code, in a review. */
  changesCode: boolean;
}

/** @param command undefined: none. Unknown ones count as none. */
export function participantPrompt(
  command: string | undefined,
  typed: string,
  problems: readonly Problem[] = [],
): ParticipantPrompt {
  if (command === 'plan') {
    const message = [typed.trim(), planInstruction].filter((part) => part !== '').join('\n');
    return { message, needsCode: false, changesCode: false };
  }
  const name = isCommand(command) ? prompts[command] : undefined;
  if (name === undefined) return { message: typed.trim(), needsCode: false, changesCode: false };
  return {
    message: editorMessage(name, typed, name === 'fix' ? problems : []),
    needsCode: true,
    changesCode: editorPrompts[name].answer === 'code',
  };
}

function isCommand(command: string | undefined): command is keyof typeof prompts {
  return command !== undefined && Object.hasOwn(prompts, command);
}
