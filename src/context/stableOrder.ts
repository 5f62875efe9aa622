import type { Attachment } from '../chat/chatApi';

/** What changes least comes first: a prompt that begins as an earlier one is read from there on only. */
const ranks = ['folder', 'file', 'symbol', 'selection', 'problems', 'diff', 'terminal'] as const;

/** Attachments in the order in which a prompt holds them; those of one rank stay in the order they were added in. */
export function inStableOrder(attachments: readonly Attachment[]): Attachment[] {
  return [...attachments].sort((a, b) => rankOf(a) - rankOf(b));
}

function rankOf({ kind, lines }: Attachment): number {
  return ranks.indexOf(kind ?? (lines === undefined ? 'file' : 'selection'));
}
