import * as v from 'valibot';

/** Where a prompt of a person's own asks: the chat, a review of the selected code, or a thread below it. */
export type OwnPromptMode = 'chat' | 'edit' | 'inline';
const modes: readonly OwnPromptMode[] = ['chat', 'edit', 'inline'];

export interface OwnPrompt {
  /** What follows "/": letters, digits, "-" and "_". */
  name: string;
  /** One line; '' for none. */
  description: string;
  mode: OwnPromptMode;
  /** Mentions ("@selection @problems") of what goes along; '' for nothing. */
  context: string;
  /** What the model is asked. `{{input}}` stands for what a person adds. */
  text: string;
}

/** Why a prompt cannot be used. */
export type PromptProblem = 'noText' | 'badName' | 'badMode' | 'unreadable';
export type ParsedPrompt =
  { kind: 'prompt'; prompt: OwnPrompt } | { kind: 'problem'; name: string; problem: PromptProblem };

/** What a prompt of the settings may be; a text alone is a prompt for the chat. */
const settingEntry = v.union([
  v.string(),
  v.object({
    prompt: v.string(),
    description: v.optional(v.string(), ''),
    mode: v.optional(v.string(), 'chat'),
    context: v.optional(v.union([v.string(), v.array(v.string())]), ''),
  }),
]);

/** A prompt of the settings. */
export function promptFromSetting(name: string, value: unknown): ParsedPrompt {
  const parsed = v.safeParse(settingEntry, value);
  if (!parsed.success) return { kind: 'problem', name, problem: 'unreadable' };
  const { output } = parsed;
  if (typeof output === 'string') {
    return checked({ name, description: '', mode: 'chat', context: '', text: output });
  }
  const { prompt, description, mode, context } = output;
  return checked({ name, description, mode, context: mentionList([context].flat()), text: prompt });
}

/**
 * A prompt of a Markdown file: what stands between two lines of `---` at its beginning says name, description, mode and
 * context; the rest is the prompt. Without a name it has the file's.
 */
export function promptFromFile(fileName: string, content: string): ParsedPrompt {
  const text = content.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const matter = /^---[ \t]*\n([\s\S]*?)\n?---[ \t]*(?:\n|$)/.exec(text);
  const fields = frontMatter(matter?.[1] ?? '');
  const one = (key: string) => fields.get(key)?.join(' ') ?? '';
  const named = one('name') === '' ? withoutEnding(fileName) : one('name');
  return checked({
    name: named.trim().replaceAll(/\s+/g, '-'),
    description: one('description'),
    mode: one('mode') === '' ? 'chat' : one('mode'),
    context: mentionList(fields.get('context') ?? []),
    text: text.slice(matter?.[0].length ?? 0),
  });
}

/** A prompt's name by its file. */
export function withoutEnding(fileName: string): string {
  return fileName.replace(/(?:\.prompt)?\.md$/i, '');
}

/** What a person's prompt asks, with what was added to it: in its place, else below. */
export function promptText({ text }: OwnPrompt, input: string): string {
  const added = input.trim();
  if (text.includes(inputMark)) return text.replaceAll(inputMark, () => added).trim();
  return [text, added].filter((part) => part !== '').join('\n\n');
}

export const inputMark = '{{input}}';

function checked(prompt: Omit<OwnPrompt, 'mode'> & { mode: string }): ParsedPrompt {
  const { name } = prompt;
  const mode = modes.find((each) => each === prompt.mode.toLowerCase());
  const problem = (which: PromptProblem): ParsedPrompt => ({ kind: 'problem', name, problem: which });
  if (!/^[\p{L}\p{N}_-]+$/u.test(name)) return problem('badName');
  if (mode === undefined) return problem('badMode');
  const text = prompt.text.trim();
  if (text === '') return problem('noText');
  return { kind: 'prompt', prompt: { ...prompt, description: prompt.description.trim(), mode, text } };
}

/** "selection", "@selection" and "selection, problems" are all meant alike. */
function mentionList(values: readonly string[]): string {
  return values
    .flatMap((value) => value.match(/@?[a-z]+(?::(?:"[^"]*"|[^\s,]+))?/gi) ?? [])
    .map((mention) => mention.replace(/^@?/, '@'))
    .join(' ');
}

/** The little of YAML that such files need: `key: value`, `key: [a, b]`, and lists of `- item` below a key. */
function frontMatter(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let open: string[] | undefined;
  for (const line of text.split('\n')) {
    const item = /^\s*-\s+(.*)$/.exec(line);
    if (item !== null && open !== undefined) {
      open.push(unquoted(item[1] ?? ''));
      continue;
    }
    const field = /^([A-Za-z_-]+)\s*:\s*(.*)$/.exec(line);
    if (field === null) continue;
    const value = (field[2] ?? '').trim();
    const list = /^\[(.*)\]$/.exec(value);
    open = list !== null ? (list[1] ?? '').split(',').map(unquoted) : value === '' ? [] : [unquoted(value)];
    fields.set((field[1] ?? '').toLowerCase(), open);
  }
  return fields;
}

function unquoted(value: string): string {
  const bare = value.trim();
  const quoted = /^(["'])(.*)\1$/.exec(bare);
  return quoted === null ? bare : (quoted[2] ?? '');
}
