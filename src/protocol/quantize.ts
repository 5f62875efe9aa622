/**
 * What the quantising process says on its standard output: one of these a line, as JSON. It ends after `done`
 * (exit code 0) or `failed` (exit code 1).
 */
export type QuantizeMessage =
  | LevelMessage
  | TensorMessage
  | { kind: 'done' }
  | { kind: 'failed'; reason: QuantizeFailureReason; detail: string };

/** What comes of one level that was asked for. */
export type LevelMessage =
  | SizedLevel
  /** A level that llama.cpp refuses for this file. */
  | { kind: 'refused'; level: string; detail: string };

/** The file at a level, as llama.cpp would write it. Nothing is written. */
export interface SizedLevel {
  kind: 'sized';
  level: string;
  /** ggml's type of each tensor, by name. */
  types: Record<string, string>;
  /** Where the tensors' data would begin. Bytes. */
  dataOffset: number;
  /** llama.cpp writes this level only with an importance matrix. */
  needsImportance: boolean;
}

/** A tensor is begun. */
export interface TensorMessage {
  kind: 'tensor';
  /** From 1 to `count`. */
  index: number;
  count: number;
  name: string;
}

export const quantizeFailureReasons = [
  /** llama.cpp's libraries are not installed for this platform, or cannot be loaded. */
  'noLibrary',
  /** They are of a release that is called in another way. */
  'otherLibrary',
  /** llama.cpp gave up; `detail` has its words. */
  'refused',
  /** Wrong arguments. */
  'badRequest',
  'internal',
] as const;
export type QuantizeFailureReason = (typeof quantizeFailureReasons)[number];
