/**
 * A small part of ICU's message format: `{name}` and `{name, plural, one {# token} other {# tokens}}`.
 * Branches may hold placeholders but no further plural.
 */

export type MessageValue = string | number;

export interface FormatOptions {
  number: (value: number) => string;
  plural: (value: number) => string;
  /** Applied to each string that is put in, e.g. to isolate its direction. */
  wrap: (value: string) => string;
}

/** Fills `template`. A placeholder without a value stays as it is written. */
export function formatMessage(
  template: string,
  values: Readonly<Record<string, MessageValue>>,
  options: FormatOptions,
): string {
  let out = '';
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) return out + template.slice(at);
    const close = closingBrace(template, open);
    if (close < 0) return out + template.slice(at);
    out += template.slice(at, open) + placeholder(template.slice(open + 1, close), values, options);
    at = close + 1;
  }
  return out;
}

/** Names of a template's placeholders, sorted, each once. */
export function placeholderNames(template: string): string[] {
  const names = new Set<string>();
  const collect = (text: string): void => {
    for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at)) {
      const close = closingBrace(text, at);
      if (close < 0) return;
      const parts = split(text.slice(at + 1, close));
      names.add(parts.name);
      for (const branch of pluralBranches(parts.branches).values()) collect(branch);
      at = close + 1;
    }
  };
  collect(template);
  return [...names].sort();
}

function placeholder(
  inner: string,
  values: Readonly<Record<string, MessageValue>>,
  options: FormatOptions,
): string {
  const { name, branches } = split(inner);
  const value = values[name];
  if (value === undefined) return `{${inner}}`;
  if (branches === '') return typeof value === 'number' ? options.number(value) : options.wrap(value);
  const count = Number(value);
  const table = pluralBranches(branches);
  const branch = table.get(`=${count}`) ?? table.get(options.plural(count)) ?? table.get('other') ?? '';
  return formatMessage(branch.replaceAll('#', options.number(count)), values, options);
}

/** "n, plural, one {…} other {…}" into its name and its branches ('' where it is a plain placeholder). */
function split(inner: string): { name: string; branches: string } {
  const match = /^\s*(\w+)\s*,\s*plural\s*,(.*)$/s.exec(inner);
  return match ? { name: match[1] ?? '', branches: match[2] ?? '' } : { name: inner.trim(), branches: '' };
}

function pluralBranches(text: string): Map<string, string> {
  const branches = new Map<string, string>();
  let at = 0;
  for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{', at)) {
    const close = closingBrace(text, open);
    if (close < 0) break;
    branches.set(text.slice(at, open).trim(), text.slice(open + 1, close));
    at = close + 1;
  }
  return branches;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}
