import type { GgufValue } from './values';

/** Typed reading of a header's entries; a value of another type counts as absent. */
export class Metadata {
  constructor(private readonly entries: ReadonlyMap<string, GgufValue>) {}

  has(key: string): boolean {
    return this.entries.has(key);
  }

  text(key: string): string | undefined {
    const value = this.entries.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.entries.get(key);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  arrayLength(key: string): number | undefined {
    const value = this.entries.get(key);
    return typeof value === 'object' && value.kind === 'array' ? value.length : undefined;
  }

  /** One number for all blocks, or an array with one for each: always `blocks` long. */
  perBlock(key: string, blocks: number): number[] | undefined {
    const value = this.entries.get(key);
    if (typeof value === 'number') return Array.from({ length: blocks }, () => value);
    if (typeof value !== 'object' || value.kind !== 'array' || value.values === undefined) return undefined;
    const numbers = value.values.filter((item) => typeof item === 'number');
    return Array.from({ length: blocks }, (_, i) => numbers[i] ?? 0);
  }
}
