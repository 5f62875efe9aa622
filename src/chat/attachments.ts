import { basename } from 'node:path';
import type { Attachment } from './chatApi';

export interface AttachmentSource {
  id: string;
  /** Workspace-relative; absolute outside a workspace. */
  path: string;
  uri: string;
  languageId: string;
  /** The whole text of the file. */
  text: string;
  /** What is selected, 0-based; undefined or empty: the whole file. */
  selection: { start: Position; end: Position } | undefined;
}
interface Position {
  line: number;
  character: number;
}

/** An attachment of the lines that a selection touches. Whole lines: half of one tells a model little. */
export function makeAttachment({ id, path, uri, languageId, text, selection }: AttachmentSource): Attachment {
  const name = basename(path.replaceAll('\\', '/'));
  const touched = selection && linesOf(selection);
  if (touched === undefined) return { id, label: name, path, uri, languageId, text };
  const { start, end } = touched;
  const lines = text.split(/\r?\n/).slice(start - 1, end);
  const range = start === end ? `${start}` : `${start}–${end}`;
  return { id, label: `${name}:${range}`, path, uri, languageId, text: lines.join('\n'), lines: touched };
}

function linesOf({ start, end }: { start: Position; end: Position }): Attachment['lines'] {
  if (start.line === end.line && start.character === end.character) return undefined;
  // A selection that ends before the first character of a line does not touch it.
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return { start: start.line + 1, end: last + 1 };
}
