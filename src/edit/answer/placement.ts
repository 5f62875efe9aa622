import type { AskedLines } from '../askedLines';
import type { LineEdit } from '../lineEdit';

export interface WholeCode {
  readonly lines: readonly string[];
  /** False where the answer ended within it. */
  readonly closed: boolean;
}

export interface TargetFile {
  readonly lines: readonly string[];
  readonly languageId: string;
  readonly asked: AskedLines | undefined;
  /** Whether an `export` that the code lacks was meant to go. */
  readonly exportsMayGo?: boolean;
}

export type Placement =
  | {
      readonly kind: 'placed';
      readonly edits: readonly LineEdit[];
      /** Lines that the code is a whole new version of: another block with another version is an alternative. */
      readonly covers: readonly Region[];
    }
  | {
      readonly kind: 'refused';
      readonly why: 'notFound' | 'ambiguous' | 'unclear' | 'noCode' | 'unchanged';
      /** Nothing tells that the code was meant for this file. */
      readonly weak: boolean;
    };

export interface Region {
  /** 0-based; end exclusive. */
  readonly start: number;
  readonly end: number;
}

export const refused = (why: Extract<Placement, { kind: 'refused' }>['why'], weak = false): Placement => ({
  kind: 'refused',
  why,
  weak,
});
