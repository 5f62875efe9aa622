/** Lines that a model was asked about, 0-based, both inclusive. */
export interface AskedLines {
  readonly start: number;
  readonly end: number;
}
