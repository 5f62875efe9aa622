import type { Attachment } from '../chat/chatApi';

/** Some lines of an attachment that are kept or left out together. */
export interface Piece {
  /** First line and the one behind the last, 0-based. */
  start: number;
  end: number;
  text: string;
  /** Lines that the model needs to know what the piece is of, e.g. its file's name; kept with it. */
  heading: Heading | undefined;
}

export interface Heading {
  start: number;
  end: number;
  text: string;
}

/** A piece ends at a gap from the first size on, wherever it is from the last on. Lines. */
const sizes = { least: 8, usual: 24, most: 40 };

/** The line above a file's text where several files are one attachment. */
export function fileHeading(path: string): string {
  return `===== ${path} =====`;
}

/** An attachment in pieces, in their order: declarations, paragraphs, hunks. */
export function piecesOf({ kind, text }: Pick<Attachment, 'kind' | 'text'>): Piece[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const pieces: Piece[] = [];
  let heading: Heading | undefined;
  let at = 0;
  while (at < lines.length) {
    const headed = headingAt(lines, at, kind);
    if (headed > at) {
      heading = { start: at, end: headed, text: lines.slice(at, headed).join('\n') };
      at = headed;
      continue;
    }
    const end = endOfPiece(lines, at, kind);
    pieces.push({ start: at, end, text: lines.slice(at, end).join('\n'), heading });
    at = end;
  }
  return pieces;
}

/** Where a heading that begins at a line ends; the line itself where none does. */
function headingAt(lines: readonly string[], at: number, kind: Attachment['kind']): number {
  if (kind === 'folder') return isFileHeading(lines[at]) ? at + 1 : at;
  if (kind !== 'diff' || lines[at]?.startsWith('diff --git ') !== true) return at;
  let end = at + 1;
  while (end < lines.length && !/^(@@ |diff --git )/.test(lines[end] ?? '')) end++;
  return end;
}

function endOfPiece(lines: readonly string[], start: number, kind: Attachment['kind']): number {
  for (let end = start + 1; end < lines.length; end++) {
    const next = lines[end] ?? '';
    if (kind === 'folder' && isFileHeading(next)) return end;
    if (kind === 'diff' && /^(@@ |diff --git )/.test(next)) return end;
    const size = end - start;
    if (size >= sizes.most) return end;
    if (kind === 'diff') continue;
    const gap = (lines[end - 1] ?? '').trim() === '';
    if (gap && (size >= sizes.usual || (size >= sizes.least && /^\S/.test(next)))) return end;
  }
  return lines.length;
}

function isFileHeading(line: string | undefined): boolean {
  return line !== undefined && /^===== .+ =====$/.test(line);
}
