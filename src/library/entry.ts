import * as path from 'node:path';
import type { PlannedFile } from '../planner/planner';
import type { Candidate } from './candidates';
import { sizeOf, type Folded } from './fold';
import type { PlaceName } from './places';

/** A model on this machine, once, however many copies of it there are. */
export interface LibraryEntry {
  /** The file to load: of a split model the first part. */
  path: string;
  /** All parts of it that are there, in order. */
  parts: string[];
  /** Where it was found, each place once. */
  places: PlaceName[];
  /** All copies, the one that `path` names first. */
  copies: ModelCopy[];
  /** Bytes of all parts. */
  sizeBytes: number;
  /** A copy is in a folder of Layercake's own, which may be deleted. */
  own: boolean;
  name: string;
  /** Its header, once it has been read. */
  file?: PlannedFile;
  /** Why it cannot be used, in a person's words. */
  problem?: string;
}

export interface ModelCopy {
  place: PlaceName;
  path: string;
  parts: string[];
  /** What the place calls it, e.g. Ollama's "llama3.2:3b". */
  label?: string;
}

/** What was found out about a file. */
export type Reading =
  | { kind: 'unread' }
  | { kind: 'model'; file: PlannedFile }
  | { kind: 'problem'; problem: string }
  /** It goes with a model and is none. */
  | { kind: 'accessory' };

export function entryOf(folded: Folded, reading: Reading): LibraryEntry {
  const [first] = folded;
  // Folders may lie in each other: a file belongs to the first place that has it.
  const copies = folded.filter(
    ({ path: file, place }) => folded.find((other) => other.path === file)?.place === place,
  );
  const places = [...new Set(copies.map(({ place }) => place))];
  const entry: LibraryEntry = {
    path: first.path,
    parts: pathsOf(first),
    places,
    copies: copies.map((copy) => ({
      ...{ place: copy.place, path: copy.path, parts: pathsOf(copy) },
      ...(copy.label !== undefined && { label: copy.label }),
    })),
    sizeBytes: sizeOf(first),
    own: places.includes('layercake'),
    name: nameOf(first, reading),
  };
  if (reading.kind === 'model') return { ...entry, file: reading.file };
  return reading.kind === 'problem' ? { ...entry, problem: reading.problem } : entry;
}

function pathsOf({ parts }: Candidate): string[] {
  return parts.map((part) => part.path);
}

/** What its place calls it, else what it calls itself, else its file's name. */
function nameOf({ label, path: file }: Candidate, reading: Reading): string {
  const own = reading.kind === 'model' ? reading.file.header.name?.trim() : undefined;
  const base = path.basename(file).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '');
  return label ?? (own === undefined || own === '' ? base : own);
}
