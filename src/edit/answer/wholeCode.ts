import type { AskedLines } from '../askedLines';
import { blockEnd, isImport, isLead, withLead } from '../declarations';
import { hasWord, indentOf, isBlank, withoutOuterBlanks } from '../textLines';
import { marginSections } from './codeDeclarations';
import { CodeVersion } from './codeVersion';
import { elidesWithin, isElision } from './elisions';
import { importEdits } from './imports';
import { sharedLines, sharedNames } from './likeness';
import { placeByNames } from './namedPlaces';
import { squeezed } from './passages';
import { refused, type Placement, type Region, type TargetFile, type WholeCode } from './placement';
import type { Section } from './sections';

/**
 * Finds what a block of code is a new version of: the lines that were asked about, the whole file, or declarations of
 * the same names; and what it then changes. What only might be meant is refused: an example of use, a part without its
 * place, an answer that was cut off.
 */
export function placeWhole(file: TargetFile, block: WholeCode): Placement {
  const { lines } = file;
  const own = new Set(lines.map(squeezed));
  const code = withoutOuterBlanks(withoutExample(withoutNumbers(block.lines), own));
  if (!code.some((line) => !isBlank(line))) return refused('noCode', true);
  if (lines.every(isBlank))
    return { kind: 'placed', edits: [{ start: 0, count: lines.length, lines: [...code, ''] }], covers: [] };
  if (isQuote(lines, code)) return refused('unchanged');
  const elided = code.flatMap((line, index) => (isElision(line, own) ? [index] : []));
  const placer = new Placer(new CodeVersion(file, { ...block, lines: code }, elided));
  const placement = file.asked === undefined ? placer.anywhere() : placer.overAsked(file.asked);
  const within = code.some((line) => elidesWithin(line, own));
  return placement.kind === 'placed' && within ? refused('unclear') : placement;
}

/** Whether the code stands in the file already, whatever its white space. */
function isQuote(lines: readonly string[], code: readonly string[]): boolean {
  const join = (all: readonly string[]) =>
    `\n${all
      .map(squeezed)
      .filter((line) => line !== '')
      .join('\n')}\n`;
  return join(lines).includes(join(code));
}

/** Decides what of a file a block of code is a new version of. */
class Placer {
  private readonly lines: readonly string[];
  private readonly code: readonly string[];

  constructor(private readonly version: CodeVersion) {
    this.lines = version.lines;
    this.code = version.code;
  }

  overAsked(asked: AskedLines): Placement {
    const region = this.version.bare({ start: asked.start, end: asked.end + 1 });
    if (region === undefined) return this.anywhere();
    const own = this.version.slice(region);
    const outside = [...this.lines.slice(0, region.start), ...this.lines.slice(region.end)];
    const whole = this.version.wholeRegion();
    if (
      this.version.elided.length === 0 &&
      outside.filter(hasWord).length >= 3 &&
      sharedLines(outside, this.code) >= 0.8
    ) {
      return this.version.over(whole);
    }
    const wrapped = this.inWrapper(region);
    if (wrapped !== undefined) return wrapped;
    const heads = this.headsIn(region);
    const names = marginSections(this.code, this.version.file.languageId).map(({ name }) => name);
    const [head] = heads;
    if (
      head !== undefined &&
      region.start >= withLead(this.lines, head.startLine) - 1 &&
      isHeadOf(head, region)
    ) {
      if (names.includes(head.name)) {
        const known = marginSections(this.code, this.version.file.languageId).filter(
          ({ name }) => this.version.sectionsNamed(name).length > 0,
        );
        const elsewhere = known.some(
          ({ name }) => !heads.some((each) => each.name === name) && !this.isInside(name, region),
        );
        return elsewhere ? placeByNames(this.version, region) : this.overWithImports(region);
      }
      const parts = this.between(region);
      if (parts !== undefined) return parts;
      // A new name for what stays the same.
      if (names.length > 0 && sharedLines(own.slice(1), this.code) >= 0.6)
        return this.overWithImports(region);
      return this.elsewhereOr(
        sharedNames(own, this.code) < 0.3 ? refused('notFound', true) : refused('unclear'),
      );
    }
    if (heads.length > 1) {
      if (heads.every(({ name }) => names.includes(name))) return this.overWithImports(region);
      const byNames = placeByNames(this.version, region);
      if (byNames.kind === 'placed') return byNames;
    }
    if (sharedNames(own, this.code) < 0.5 && sharedLines(own, this.code) < 0.3) {
      return this.elsewhereOr(refused('notFound', true));
    }
    const part = this.isPartOf(own) ? (this.between(region) ?? refused('unclear')) : undefined;
    return part ?? this.overWithImports(region);
  }

  anywhere(): Placement {
    const whole = this.version.wholeRegion();
    if (this.version.elided.length === 0 && sharedLines(this.lines, this.code) >= 0.6 && this.reachesEnds()) {
      return this.version.over(whole);
    }
    const byNames = placeByNames(this.version, undefined);
    if (byNames.kind === 'placed' || !byNames.weak) return byNames;
    const between = this.between(whole);
    if (between !== undefined) return between;
    if (this.version.elided.length > 0) {
      const expanded = this.version.over(whole);
      if (expanded.kind === 'placed') return expanded;
      return sharedLines(this.code, this.lines) >= 0.3 ? refused('unclear') : refused('notFound', true);
    }
    if (sharedLines(this.lines, this.code) >= 0.6) return refused('unclear');
    const weak = sharedLines(this.code, this.lines) < 0.3;
    return refused('notFound', weak);
  }

  private elsewhereOr(otherwise: Placement): Placement {
    const byNames = placeByNames(this.version, undefined);
    return byNames.kind === 'placed' ? byNames : otherwise;
  }

  /** Code that repeats the head of what surrounds the region: a method within its class. */
  private inWrapper(region: Region): Placement | undefined {
    const at = this.code.findIndex((line) => !isBlank(line) && !isImport(line) && !isLead(line));
    const first = squeezed(this.code[at] ?? '');
    if (at < 0 || !hasWord(first)) return undefined;
    if (this.version.slice(region).some((line) => squeezed(line) === first)) return undefined;
    let start = region.start - 1;
    while (start >= 0 && squeezed(this.lines[start] ?? '') !== first) start--;
    if (start < 0) return undefined;
    const around = { start, end: blockEnd(this.lines, start) + 1 };
    if (around.end < region.end) return undefined;
    const besides = [
      ...this.lines.slice(around.start, region.start),
      ...this.lines.slice(region.end, around.end),
    ];
    const inner = withoutOuterBlanks(this.code.slice(at + 1, this.closesAt(at)));
    const share = sharedLines(besides, [this.code[at] ?? '', ...this.code.slice(at + 1)]);
    if (this.version.elided.length > 0 || share >= 0.8) return this.version.over(around);
    if (inner.length === 0) return refused('unclear');
    const from = at + 1 + this.code.slice(at + 1).findIndex((line) => !isBlank(line));
    const alone = new Placer(this.version.part(from, from + inner.length, this.version.block.closed));
    const placed = alone.overAsked({ start: region.start, end: region.end - 1 });
    return placed.kind === 'placed' ? placed : refused('unclear');
  }

  /** The line that closes what starts on a line of the code; the code's end where none does. */
  private closesAt(start: number): number {
    const last = this.code.length - 1;
    return /^[\])}]+[;,]?$|^end$/.test((this.code[last] ?? '').trim()) && last > start
      ? last
      : this.code.length;
  }

  private overWithImports(region: Region): Placement {
    const first = this.code.findIndex((line) => !isBlank(line) && !isImport(line));
    const imports = this.code.slice(0, Math.max(0, first)).filter((line) => !isBlank(line));
    const hasOwn = this.version.slice(region).some(isImport);
    if (imports.length === 0 || hasOwn || first < 0) return this.version.over(region);
    const rest = this.version.part(first, this.code.length, this.version.block.closed);
    const placed = rest.over(region);
    const brought = importEdits(this.lines, imports);
    if (brought === undefined) return refused('unclear');
    if (placed.kind === 'refused') {
      return placed.why === 'unchanged' && brought.length > 0
        ? { kind: 'placed', edits: brought, covers: [] }
        : placed;
    }
    return { ...placed, edits: [...placed.edits, ...brought] };
  }

  /** A part of a region that begins and ends with lines that are there once. */
  private between(region: Region): Placement | undefined {
    const code = this.code;
    const own = this.version.slice(region).map(squeezed);
    const first = squeezed(code[0] ?? '');
    const last = squeezed(code.at(-1) ?? '');
    if (code.length < 3 || !hasWord(first)) return undefined;
    const starts = own.flatMap((line, index) => (line === first ? [index] : []));
    const [start] = starts;
    if (start === undefined || starts.length > 1) return undefined;
    const shift = indentOf(this.lines[region.start + start] ?? '').length - indentOf(code[0] ?? '').length;
    const indent = indentOf(code.at(-1) ?? '').length + shift;
    const ends = own.flatMap((line, index) =>
      index > start && line === last && indentOf(this.lines[region.start + index] ?? '').length === indent
        ? [index]
        : [],
    );
    const end = hasWord(last) ? (ends.length === 1 ? ends[0] : undefined) : ends[0];
    if (end === undefined) return undefined;
    // Between its ends it must be a version of what is there.
    const passage = { start: region.start + start, end: region.start + end + 1 };
    if (sharedLines(this.version.slice(passage), code) < 0.5) return undefined;
    return this.version.over(passage);
  }

  private isPartOf(own: readonly string[]): boolean {
    const lines = own.filter((line) => !isBlank(line)).length;
    const code = this.code.filter((line) => !isBlank(line)).length;
    if (lines <= 6 || code >= lines * 0.5 || this.version.elided.length > 0) return false;
    const first = squeezed(own.find(hasWord) ?? '');
    return !this.code.some((line) => squeezed(line) === first) && sharedLines(this.code, own) >= 0.3;
  }

  private isInside(name: string, region: Region): boolean {
    return this.version
      .sectionsNamed(name)
      .some(({ startLine, endLine }) => startLine >= region.start && endLine < region.end);
  }

  private headsIn(region: Region): readonly Section[] {
    const inside = this.version.sections.filter(
      ({ startLine, endLine }) => startLine >= region.start && endLine < region.end,
    );
    const least = Math.min(...inside.map(({ indent }) => indent.length));
    return inside.filter(({ indent, startLine, endLine }) => indent.length === least && endLine > startLine);
  }

  private reachesEnds(): boolean {
    const own = this.version.slice(this.version.wholeRegion());
    return this.version.startsAt(own) || this.version.endsAt(own) || sharedLines(own, this.code) >= 0.85;
  }
}

/** Whether a section is all that a region holds, but comments and closing lines. */
function isHeadOf({ startLine, endLine }: Section, region: Region): boolean {
  return endLine - startLine + 1 >= (region.end - region.start) * 0.5;
}

/** Models repeat the line numbers of what they were shown. */
function withoutNumbers(lines: readonly string[]): readonly string[] {
  const numbered = /^\s*\d+\s*[|:]\s?/;
  const used = lines.filter((line) => !isBlank(line));
  return used.length > 1 && used.every((line) => numbered.test(line))
    ? lines.map((line) => line.replace(numbered, ''))
    : lines;
}

const exampleHead = /^(?:\/\/+|#+|--|\/\*+)\s*(?:example|usage|how to use|demo|try it|test it)\b/i;

/** Behind the code that was asked for models show how it is used. */
function withoutExample(lines: readonly string[], own: ReadonlySet<string>): readonly string[] {
  const at = lines.findIndex((line) => exampleHead.test(line) && !own.has(squeezed(line)));
  return at > 0 && lines.slice(0, at).some(hasWord) ? lines.slice(0, at) : lines;
}
