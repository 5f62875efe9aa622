import { proposalFrom, type AskedLines } from './proposal';
import { parseLines } from './textLines';

/** A file that a model was shown, as it was then. */
export interface ShownFile {
  readonly uri: string;
  /** Workspace-relative, as the model read it. */
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
  /** The lines that were asked about; absent: the file as a whole. */
  readonly lines?: AskedLines;
}

export interface FileChange {
  /** Absent: a new file. */
  readonly uri?: string;
  readonly path: string;
  /** The text that the change was made from; '' for a new file. */
  readonly original: string;
  readonly proposed: string;
}

export interface RefusedEdit {
  readonly path?: string;
  readonly why: 'notFound' | 'ambiguous' | 'unclear' | 'overlaps' | 'unknownFile' | 'noCode' | 'unchanged';
  /** What the model wrote; '' where it wrote no code. */
  readonly code: string;
}

export interface AnswerEdits {
  /** One a file. Empty: nothing of the answer could be applied. */
  readonly changes: readonly FileChange[];
  readonly refused: readonly RefusedEdit[];
}

/** What an answer changes in the files that the model was shown: each edit in its certain place, or refused. */
export function answerEdits(answer: string, shown: readonly ShownFile[]): AnswerEdits {
  const [file] = shown;
  if (file === undefined) return { changes: [], refused: [{ why: 'unknownFile', code: '' }] };
  const { uri, path, languageId, text, lines } = file;
  const asked = lines ?? { start: 0, end: parseLines(text).lines.length - 1 };
  const proposed = proposalFrom(answer, languageId, text, asked);
  if (proposed === undefined) return { changes: [], refused: [{ path, why: 'noCode', code: '' }] };
  if (proposed === text) return { changes: [], refused: [{ path, why: 'unchanged', code: '' }] };
  return { changes: [{ uri, path, original: text, proposed }], refused: [] };
}
