/** Reading data of unknown shape, one step at a time. */

export type Loose = Readonly<Record<string, unknown>>;

/** `data` as an object; an empty one where it is none. */
export function record(data: unknown): Loose {
  return typeof data === 'object' && data !== null ? (data as Loose) : {};
}

/** Entries of `data` that `parse` accepts; none where it is no array. */
export function list<Item>(data: unknown, parse: (entry: unknown) => Item | undefined): Item[] {
  if (!Array.isArray(data)) return [];
  return data.map((entry: unknown) => parse(entry)).filter((item) => item !== undefined);
}

export function textOr(data: unknown, otherwise = ''): string {
  return typeof data === 'string' ? data : otherwise;
}

/** A finite number, or undefined. */
export function optionalNumber(data: unknown): number | undefined {
  return typeof data === 'number' && Number.isFinite(data) ? data : undefined;
}

export function numberOr(data: unknown, otherwise: number): number {
  return optionalNumber(data) ?? otherwise;
}

/** Text that is not empty, or undefined. */
export function optionalText(data: unknown): string | undefined {
  return typeof data === 'string' && data !== '' ? data : undefined;
}
