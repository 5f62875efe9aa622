/** How context is named in a message: "@file:src/queue.ts", "@selection". Shared by the chat page and the extension. */

export const mentionKinds = [
  'file',
  'folder',
  'symbol',
  'selection',
  'problems',
  'diff',
  'terminal',
] as const;
export type MentionKind = (typeof mentionKinds)[number];

export interface Mention {
  kind: MentionKind;
  /** What follows the colon, quotes taken off; '' for kinds that need nothing. */
  target: string;
  /** Offsets in the text, the "@" included. */
  start: number;
  end: number;
}

const kinds = mentionKinds.join('|');
/** An "@" within a word (an address, a decorator's argument) is none of ours. */
const mention = new RegExp(
  `(?<![\\p{L}\\p{N}_@/.\\\\-])@(${kinds})(?::("[^"\\n]*"|[^\\s"]\\S*))?(?![\\p{L}\\p{N}_])`,
  'gu',
);
/** Ends a sentence rather than a path. */
const trailing = /[.,;:!?)\]}'"»”’]+$/;
const named: ReadonlySet<string> = new Set(['file', 'folder', 'symbol']);

/** All mentions in a text, in their order. Those that lack their target are none. */
export function mentionsIn(text: string): Mention[] {
  const found: Mention[] = [];
  for (const match of text.matchAll(mention)) {
    const [whole, kind = '', written = ''] = match;
    const quoted = written.startsWith('"') && written.endsWith('"') && written.length > 1;
    const target = quoted ? written.slice(1, -1) : written.replace(trailing, '');
    const cut = quoted ? 0 : written.length - target.length;
    if (named.has(kind) !== (target !== '')) {
      if (named.has(kind)) continue;
      // "@diff:" followed by a sentence: the colon is the sentence's own.
      found.push({
        ...{ kind: kind as MentionKind, target: '' },
        start: match.index,
        end: match.index + kind.length + 1,
      });
      continue;
    }
    const end = match.index + whole.length - cut;
    found.push({ kind: kind as MentionKind, target, start: match.index, end });
  }
  return found;
}

/** A mention as it is written: quoted where the target would be cut short otherwise. */
export function writeMention(kind: MentionKind, target = ''): string {
  if (target === '') return `@${kind}`;
  const quoted = /\s/.test(target) || trailing.test(target);
  return `@${kind}:${quoted ? `"${target}"` : target}`;
}

/** What a sentence reads in place of a mention: the bare name. */
export function mentionName({ kind, target }: Pick<Mention, 'kind' | 'target'>): string {
  if (target === '') return kind;
  return kind === 'symbol' ? target.slice(target.lastIndexOf('#') + 1) : target;
}

/**
 * The mention or command that is being typed at the end of `before`, the text up to the caret; '' where none is.
 * "/" counts only at the very beginning.
 */
export function typedTrigger(before: string): string {
  if (/^\/[\p{L}\p{N}_-]*$/u.test(before)) return before;
  return /(?<![\p{L}\p{N}_@/.\\-])(@(?:[a-z]+:"[^"\n]*|[^\s@"]*))$/u.exec(before)?.[1] ?? '';
}
