import { balanced, type Surroundings } from './shapeSuggestion';

export interface Caret extends Surroundings {
  uri: string;
}

interface Kept {
  uri: string;
  /** Characters before the caret where it was made, and the last of them. */
  offset: number;
  tail: string;
  head: string;
  text: string;
}

/** What an editor closes by itself as one types. */
const closers = /^[)\]}>"'`]*$/;

const compared = 1_000;
const most = 20;

/** Suggestions made lately: what is typed of one is answered from it. */
export class TypedThrough {
  /** The latest first. */
  private kept: Kept[] = [];

  add({ uri, before, after }: Caret, text: string): void {
    const kept = { uri, offset: before.length, tail: tailOf(before), head: after.slice(0, compared), text };
    this.kept = [kept, ...this.kept].slice(0, most);
  }

  /** What is left of a suggestion that fits what was typed since; undefined where none does. */
  find(caret: Caret): string | undefined {
    for (const kept of this.kept) {
      const rest = restOf(kept, caret);
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  clear(): void {
    this.kept = [];
  }
}

function restOf({ uri, offset, tail, head, text }: Kept, caret: Caret): string | undefined {
  const { before, after } = caret;
  if (caret.uri !== uri || before.length < offset || tailOf(before.slice(0, offset)) !== tail)
    return undefined;
  const typed = before.slice(offset);
  const rest = text.slice(typed.length);
  if (rest.trim() === '' || !text.startsWith(typed)) return undefined;
  if (after.startsWith(head) && (head.length === compared || after.length === head.length)) return rest;
  const inserted = insertedBefore(head, after);
  if (inserted === undefined || !closers.test(inserted)) return undefined;
  const fitting = balanced(rest, caret);
  return fitting.trim() === '' ? undefined : fitting;
}

/** What stands before the text that was there; undefined where more has changed. */
function insertedBefore(head: string, after: string): string | undefined {
  for (let length = 1; length <= 4; length++) {
    const known = head.slice(0, compared - length);
    if (after.slice(length).startsWith(known)) return after.slice(0, length);
  }
  return undefined;
}

function tailOf(text: string): string {
  return text.slice(-compared);
}
