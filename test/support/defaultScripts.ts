import type { Script } from './scriptedModel';

/** The function that the default answer and the edit answer hold; tests run it. */
export const addFunction = `export function add(a: number, b: number): number {
  return a + b;
}`;

/** Answers any prompt without a last word of its own. Says what it is, since it also stands in for a real model. */
export const defaultAnswer = `Here is a function that adds two numbers. It comes from the scripted test model, which knows this answer by heart.

\`\`\`typescript
${addFunction}
\`\`\`

Call it with two numbers, for example \`add(2, 3)\`, which gives 5.`;

/** Some hundred tokens, one a number: for stopping, and for killing the engine in mid-answer. */
export const longAnswer = `Counting slowly: ${Array.from({ length: 600 }, (_, index) => `${index + 1},`).join(' ')} done.`;

/** An edited block, as the editor commands want it: no words around it. */
export const editAnswer = `\`\`\`typescript
/** Sum of both arguments. */
export const add = (left: number, right: number): number => left + right;
\`\`\``;

export const shortAnswer = 'Two words.';

/** Scripts of every scripted model that names none of its own. */
export const defaultScripts: readonly Script[] = [
  { text: defaultAnswer },
  { lastWords: ['count'], text: longAnswer },
  { lastWords: ['rewrite', 'No other text.'], text: editAnswer },
  { lastWords: ['briefly'], text: shortAnswer },
];
