import { indentColumns, indentLevels, unitOf, type IndentStyle } from '../indentation';
import { indentOf, isBlank } from '../textLines';

/** A line as a model wrote it, and as the file has it. */
export type IndentPair = readonly [model: string, file: string];

/**
 * Turns the indents that a model wrote into those of the file: learned from lines that both have, continued by whole
 * levels where a line is indented as none of them. Models move code to the margin, halve its indent, or write spaces
 * for tabs.
 */
export class IndentMap {
  private constructor(
    private readonly known: ReadonlyMap<string, string>,
    private readonly modelUnit: number,
    private readonly style: IndentStyle,
  ) {}

  /**
   * Undefined where the pairs contradict each other so that none of the new indents is certain.
   * @param model all lines that the model wrote, from which its own unit is read
   */
  static from(
    pairs: readonly IndentPair[],
    model: readonly string[],
    style: IndentStyle,
  ): IndentMap | undefined {
    const counts = new Map<string, Map<string, number>>();
    for (const [from, to] of pairs) {
      if (isBlank(from) || isBlank(to)) continue;
      const all = counts.get(indentOf(from)) ?? new Map<string, number>();
      all.set(indentOf(to), (all.get(indentOf(to)) ?? 0) + 1);
      counts.set(indentOf(from), all);
    }
    const known = new Map<string, string>();
    for (const [from, all] of counts) {
      const total = [...all.values()].reduce((sum, count) => sum + count, 0);
      const [best, count] = [...all].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
      if (count * 3 < total * 2) return undefined;
      known.set(from, best);
    }
    return new IndentMap(known, unitOf(model), style);
  }

  /** The file's indent for a model's; undefined where it would lie left of the margin. */
  map(indent: string): string | undefined {
    const own = this.known.get(indent);
    if (own !== undefined) return own;
    const shorter = [...this.known.keys()]
      .filter((key) => indent.startsWith(key))
      .sort((a, b) => b.length - a.length)[0];
    if (shorter !== undefined) {
      return (this.known.get(shorter) ?? '') + this.deeper(indent.slice(shorter.length));
    }
    const longer = [...this.known.keys()]
      .filter((key) => key.startsWith(indent))
      .sort((a, b) => a.length - b.length)[0];
    if (longer === undefined) return this.known.size === 0 ? this.deeper(indent) : undefined;
    const levels = Math.round(indentColumns(longer.slice(indent.length), this.modelUnit) / this.modelUnit);
    return shallower(this.known.get(longer) ?? '', levels, this.style);
  }

  /** A line with the file's indent. */
  line(text: string): string | undefined {
    if (isBlank(text)) return '';
    const indent = this.map(indentOf(text));
    return indent === undefined ? undefined : indent + text.trimStart();
  }

  private deeper(rest: string): string {
    if (rest === '') return '';
    const wide = indentColumns(rest, this.modelUnit);
    const levels = Math.floor(wide / this.modelUnit);
    return indentLevels(levels, this.style) + ' '.repeat(wide % this.modelUnit);
  }
}

function shallower(indent: string, levels: number, style: IndentStyle): string | undefined {
  let left = indent;
  for (let level = 0; level < levels; level++) {
    if (left.endsWith('\t')) left = left.slice(0, -1);
    else if (left.length >= style.width && left.endsWith(' '.repeat(style.width))) {
      left = left.slice(0, -style.width);
    } else return undefined;
  }
  return left;
}
