/** Another file that is open, as far as it may be shown to a model. */
export interface OtherFile {
  uri: string;
  /** As it is known in its project. */
  path: string;
  text: string;
  /** Lines that were edited lately, from 0, the latest first. */
  edited: readonly number[];
}

export interface FilePart {
  path: string;
  text: string;
}

const linesOfPart = 24;
/** Words are looked for in so much of a file. */
const mostLines = 1_500;
/** What was edited lately counts as if so much more of it were about the same. */
const editedBonus = 0.15;
const leastLikeness = 0.06;
/** Words of languages, which say nothing of what a text is about. */
const common = new Set(
  (
    'and async await bool boolean break case class const continue def default else end enum export extends false ' +
    'for from func function if implements import include int interface let new nil none null number package private ' +
    'protected pub public return self static std str string struct super switch this throw true try type undefined ' +
    'use using var void while with'
  ).split(' '),
);

/**
 * Parts of other files that have most words in common with the text before a caret, within a number of characters.
 * The most like it comes last, next to the caret's own file.
 */
export function crossFileParts(near: string, files: readonly OtherFile[], characters: number): FilePart[] {
  const wanted = words(near);
  if (wanted.size === 0) return [];
  const ranked = files
    .flatMap((file) => partsOf(file).map((part) => ({ ...part, likeness: likeness(wanted, part) })))
    .filter(({ likeness: value }) => value >= leastLikeness)
    .sort((a, b) => b.likeness - a.likeness);
  const taken: FilePart[] = [];
  let left = characters;
  for (const { path, text } of ranked) {
    const size = path.length + text.length;
    if (size > left) continue;
    left -= size;
    taken.unshift({ path, text });
  }
  return taken;
}

interface Part extends FilePart {
  isEdited: boolean;
}

/** Around edits, and the rest of the file in pieces. */
function partsOf({ path, text, edited }: OtherFile): Part[] {
  const lines = text.split('\n').slice(0, mostLines);
  const parts: Part[] = [];
  for (let start = 0; start < lines.length; start += linesOfPart) {
    const end = start + linesOfPart;
    const piece = lines.slice(start, end).join('\n').trimEnd();
    if (piece.trim() === '') continue;
    parts.push({ path, text: piece, isEdited: edited.some((line) => line >= start && line < end) });
  }
  return parts;
}

/** Share of the words of both that are in both. */
function likeness(wanted: ReadonlySet<string>, { text, isEdited }: Part): number {
  const found = words(text);
  const shared = [...found].filter((word) => wanted.has(word)).length;
  return shared === 0 ? 0 : shared / (wanted.size + found.size - shared) + (isEdited ? editedBonus : 0);
}

function words(text: string): Set<string> {
  const found = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu)) {
    // A name written in parts tells by its parts too.
    for (const part of [word, ...word.split(/_|(?<=[a-z])(?=[A-Z])/)]) {
      const lower = part.toLowerCase();
      if (lower.length > 2 && !common.has(lower)) found.add(lower);
    }
  }
  return found;
}
