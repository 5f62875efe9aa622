import type { MetadataValue } from '../../src/gguf/writeGguf';
import { cutScripts } from './scriptPieces';
import type { Dialect, Script } from './scriptedModel';

export interface Token {
  text: string;
  /** ggml's token types: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte. */
  type: 1 | 2 | 3 | 4 | 5 | 6;
  /** Code of the token's identity; tokens that share one share what follows them. */
  code?: string;
  /** Index of the script that this token selects at the end of a prompt. */
  selects?: number;
  /** Code of the token before this one in its script. */
  after?: string;
  /** This token opens the answer of that script. */
  opens?: number;
}

/** Dimensions of the code that says which script a last word selects; scripts of a file are at most as many. */
export const selectorWidth = 32;

const template =
  "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

const thinkingTemplate =
  "{% for message in messages %}{{ '<|' + message['role'] + '|>' }}" +
  "{% if message['reasoning_content'] %}{{ '<think>' + message['reasoning_content'] + '</think>' }}{% endif %}" +
  "{{ message['content'] + '<|end|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/** The middle one opens an answer as `<|assistant|>` does: by the token two before it. */
export const fimTokens: readonly Token[] = [
  ...['<|fim_prefix|>', '<|fim_suffix|>', '<|repo_name|>', '<|file_sep|>'].map((text): Token => ({
    text,
    type: 3,
  })),
  { text: '<|fim_middle|>', type: 3, code: 'assistant' },
];

const usualMarks: Omit<Dialect, 'template'> = {
  assistant: '<|assistant|>',
  end: '<|end|>',
  control: ['<|system|>', '<|user|>'],
};

export function buildVocabulary(
  scripts: readonly Script[],
  extra: readonly Token[] = [],
  { assistant, end, control }: Omit<Dialect, 'template'> = usualMarks,
): { tokens: Token[]; pieces: string[][] } {
  const defaults = scripts.filter((script) => script.lastWords === undefined).length;
  const thinking = scripts.filter((script) => script.thought !== undefined).length;
  if (defaults !== 1) throw new Error('One script, and only one, must be for all other prompts');
  if (thinking > 1) throw new Error('Only one script may think');
  if (scripts.length > selectorWidth) throw new Error(`At most ${selectorWidth} scripts`);

  const lastWords = scripts.flatMap((script) => script.lastWords ?? []);
  const marks = thinking > 0 ? ['<think>', '</think>'] : [];
  const cut = cutScripts(
    scripts
      .filter((script) => script.pieces === undefined)
      .flatMap((script) => (script.thought === undefined ? [script.text] : [script.thought, script.text])),
    [...lastWords, ...marks],
  );
  const pieces = scripts.map((script) => {
    if (script.pieces !== undefined) return [...script.pieces];
    const thought = script.thought === undefined ? undefined : (cut.shift() ?? []);
    const text = cut.shift() ?? [];
    return thought === undefined ? text : ['<think>', ...thought, '</think>', ...text];
  });
  const tokens: Token[] = [
    { text: '<unk>', type: 2 },
    { text: end, type: 3, after: 'last' },
    ...control.map((text): Token => ({ text, type: 3 })),
    { text: assistant, type: 3, code: 'assistant' },
    ...extra.map((token) => ({ ...token })),
    ...Array.from({ length: 256 }, (_, byte): Token => {
      return { text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, type: 6 };
    }),
    ...Array.from({ length: 95 }, (_, index): Token => {
      const character = String.fromCharCode(32 + index);
      return { text: character === ' ' ? '\u2581' : character, type: 1 };
    }),
  ];
  for (const text of lastWords) tokens.push({ text, type: 4 });
  // A piece of one character replaces the plain character: entries must not occur twice.
  const byText = new Map(tokens.map((token) => [token.text, token]));
  for (const [script, list] of pieces.entries()) {
    for (const [index, text] of list.entries()) {
      const token: Token = {
        text,
        type: 4,
        code: index === list.length - 1 ? 'last' : `${script}:${index}`,
        after: index === 0 ? 'assistant' : `${script}:${index - 1}`,
        ...(index === 0 && { opens: script }),
      };
      const existing = byText.get(text);
      if (existing === undefined) tokens.push(token);
      else Object.assign(existing, token);
    }
  }
  const fallback = scripts.findIndex((script) => script.lastWords === undefined);
  // A piece that ends with a last word hides it from the tokenizer, so it selects as the word does.
  const selectedBy = (text: string) =>
    scripts.findIndex((script) => script.lastWords?.some((word) => text.endsWith(word)));
  for (const token of tokens) {
    const selected = token.type === 4 ? selectedBy(token.text) : -1;
    token.selects = selected < 0 ? fallback : selected;
  }
  return { tokens, pieces };
}

export function usualTemplate(thinking: boolean): string {
  return thinking ? thinkingTemplate : template;
}

export function tokenizerMetadata(tokens: Token[], chatTemplate: string): Record<string, MetadataValue> {
  return {
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens.map((token) => token.text) },
    'tokenizer.ggml.scores': { type: 'float32s', value: tokens.map(() => 0) },
    'tokenizer.ggml.token_type': { type: 'int32s', value: tokens.map((token) => token.type) },
    'tokenizer.ggml.unknown_token_id': { type: 'uint32', value: 0 },
    'tokenizer.ggml.eos_token_id': { type: 'uint32', value: 1 },
    'tokenizer.ggml.bos_token_id': { type: 'uint32', value: 1 },
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
    'tokenizer.chat_template': { type: 'string', value: chatTemplate },
  };
}
