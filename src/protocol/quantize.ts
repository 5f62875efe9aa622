/**
 * What the quantising process says on its standard output: one of these a line, as JSON. It ends after `done`
 * (exit code 0) or `failed` (exit code 1).
 */
export type QuantizeMessage =
  LevelMessage | { kind: 'done' } | { kind: 'failed'; reason: QuantizeFailureReason; detail: string };

/** What comes of one level that was asked for. */
export type LevelMessage =
  /** The file at a level, as llama.cpp would write it: ggml's type of each tensor, by name. Nothing is written. */
  | { kind: 'sized'; level: string; types: Record<string, string> }
  /** A level that llama.cpp refuses for this file. */
  | { kind: 'refused'; level: string; detail: string };

export const quantizeFailureReasons = [
  /** llama.cpp's libraries are not installed for this platform, or cannot be loaded. */
  'noLibrary',
  /** They are of a release that is called in another way. */
  'otherLibrary',
  /** Wrong arguments. */
  'badRequest',
  'internal',
] as const;
export type QuantizeFailureReason = (typeof quantizeFailureReasons)[number];
