import { diffArrays } from 'diff';
import { blockEnd, isImport, isLead, withLead } from '../declarations';
import { indentStyleOf } from '../indentation';
import type { LineEdit } from '../lineEdit';
import type { AskedLines } from '../askedLines';
import { indentOf, isBlank } from '../textLines';
import { isBalanced } from './brackets';
import { elidesWithin, expandElisions, isElision } from './elisions';
import { fitCode } from './fitCode';
import { importEdits } from './imports';
import { hasWord, sharedLines, sharedNames } from './likeness';
import { squeezed } from './passages';
import { sectionsOf, type Section } from './sections';

export interface WholeCode {
  readonly lines: readonly string[];
  /** False where the answer ended within it. */
  readonly closed: boolean;
}

export interface TargetFile {
  readonly lines: readonly string[];
  readonly languageId: string;
  readonly asked: AskedLines | undefined;
}

export type Placement =
  | { readonly kind: 'placed'; readonly edits: readonly LineEdit[] }
  | {
      readonly kind: 'refused';
      readonly why: 'notFound' | 'ambiguous' | 'unclear' | 'noCode' | 'unchanged';
      /** Nothing tells that the code was meant for this file. */
      readonly weak: boolean;
    };

interface Region {
  /** 0-based; end exclusive. */
  readonly start: number;
  readonly end: number;
}

const refused = (why: Extract<Placement, { kind: 'refused' }>['why'], weak = false): Placement => ({
  kind: 'refused',
  why,
  weak,
});

/**
 * Finds what a block of code is a new version of: the lines that were asked about, the whole file, or declarations of
 * the same names; and what it then changes. What only might be meant is refused: an example of use, a part without its
 * place, an answer that was cut off.
 */
export function placeWhole(file: TargetFile, block: WholeCode): Placement {
  const code = trimmed(withoutNumbers(block.lines));
  if (!code.some((line) => !isBlank(line))) return refused('noCode', true);
  const { lines } = file;
  if (lines.every(isBlank))
    return { kind: 'placed', edits: [{ start: 0, count: lines.length, lines: [...code, ''] }] };
  const own = new Set(lines.map(squeezed));
  if (isQuote(lines, code)) return refused('unchanged');
  const elided = code.flatMap((line, index) => (isElision(line, own) ? [index] : []));
  const placer = new Placer(file, { ...block, lines: code }, elided);
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

class Placer {
  private readonly lines: readonly string[];
  private readonly code: readonly string[];
  private readonly sections: readonly Section[];

  constructor(
    private readonly file: TargetFile,
    private readonly block: WholeCode,
    private readonly elided: readonly number[],
  ) {
    this.lines = file.lines;
    this.code = block.lines;
    this.sections = sectionsOf(file.lines, file.languageId);
  }

  overAsked(asked: AskedLines): Placement {
    const region = this.bare({ start: asked.start, end: asked.end + 1 });
    if (region === undefined) return this.anywhere();
    const own = this.slice(region);
    const outside = [...this.lines.slice(0, region.start), ...this.lines.slice(region.end)];
    const whole = this.wholeRegion();
    if (
      this.elided.length === 0 &&
      outside.filter(hasWord).length >= 3 &&
      sharedLines(outside, this.code) >= 0.8
    ) {
      return this.over(whole);
    }
    const wrapped = this.inWrapper(region);
    if (wrapped !== undefined) return wrapped;
    const heads = this.headsIn(region);
    const names = this.codeSections().map(({ name }) => name);
    const [head] = heads;
    if (
      head !== undefined &&
      region.start >= withLead(this.lines, head.startLine) - 1 &&
      isHeadOf(head, region)
    ) {
      if (names.includes(head.name)) {
        const known = this.codeSections().filter(({ name }) => this.sectionsNamed(name).length > 0);
        const elsewhere = known.some(
          ({ name }) => !heads.some((each) => each.name === name) && !this.isInside(name, region),
        );
        return elsewhere ? this.byNames(region) : this.overWithImports(region);
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
      const byNames = this.byNames(region);
      if (byNames.kind === 'placed') return byNames;
    }
    if (sharedNames(own, this.code) < 0.3 && sharedLines(own, this.code) < 0.3) {
      return this.elsewhereOr(refused('notFound', true));
    }
    const part = this.isPartOf(own) ? (this.between(region) ?? refused('unclear')) : undefined;
    return part ?? this.overWithImports(region);
  }

  anywhere(): Placement {
    const whole = this.wholeRegion();
    if (this.elided.length === 0 && sharedLines(this.lines, this.code) >= 0.6 && this.reachesEnds()) {
      return this.over(whole);
    }
    const byNames = this.byNames(undefined);
    if (byNames.kind === 'placed' || !byNames.weak) return byNames;
    const between = this.between(whole);
    if (between !== undefined) return between;
    if (this.elided.length > 0) {
      const expanded = this.over(whole);
      if (expanded.kind === 'placed') return expanded;
      return sharedLines(this.code, this.lines) >= 0.3 ? refused('unclear') : refused('notFound', true);
    }
    if (sharedLines(this.lines, this.code) >= 0.6) return refused('unclear');
    const weak = sharedLines(this.code, this.lines) < 0.3;
    return refused('notFound', weak);
  }

  private elsewhereOr(otherwise: Placement): Placement {
    const byNames = this.byNames(undefined);
    return byNames.kind === 'placed' ? byNames : otherwise;
  }

  /** Code that repeats the head of what surrounds the region: a method within its class. */
  private inWrapper(region: Region): Placement | undefined {
    const at = this.code.findIndex((line) => !isBlank(line) && !isImport(line) && !isLead(line));
    const first = squeezed(this.code[at] ?? '');
    if (at < 0 || !hasWord(first)) return undefined;
    if (this.slice(region).some((line) => squeezed(line) === first)) return undefined;
    let start = region.start - 1;
    while (start >= 0 && squeezed(this.lines[start] ?? '') !== first) start--;
    if (start < 0) return undefined;
    const around = { start, end: blockEnd(this.lines, start) + 1 };
    if (around.end < region.end) return undefined;
    const besides = [
      ...this.lines.slice(around.start, region.start),
      ...this.lines.slice(region.end, around.end),
    ];
    const inner = trimmed(this.code.slice(at + 1, this.closesAt(at)));
    const share = sharedLines(besides, [this.code[at] ?? '', ...this.code.slice(at + 1)]);
    if (this.elided.length > 0 || share >= 0.8) return this.over(around);
    if (inner.length === 0) return refused('unclear');
    const alone = new Placer(this.file, { ...this.block, lines: inner }, []);
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

  /** Each declaration of the code over the one of its name; new ones beside the one that they follow. */
  private byNames(region: Region | undefined): Placement {
    const { sections, imports, loose } = this.split();
    const [firstSection] = sections;
    if (loose || firstSection === undefined) return refused('notFound', true);
    const edits: LineEdit[] = [];
    const found = sections.map((section) => this.target(section, region));
    if (found.includes('ambiguous')) return refused('ambiguous');
    if (found.every((target) => target === undefined)) return refused('notFound', true);
    const lost = this.lostWithin(sections, found);
    if (lost) return refused('unclear');
    let unchanged = 0;
    for (const [index, section] of sections.entries()) {
      const target = found[index];
      const own = this.code.slice(section.leadLine, section.endLine + 1);
      if (target === undefined) {
        const added = this.beside(own, index, found, sections);
        if (added === undefined) return refused('notFound');
        edits.push(added);
        continue;
      }
      if (target === 'ambiguous') continue;
      const local = this.elided.flatMap((line) =>
        line >= section.leadLine && line <= section.endLine ? [line - section.leadLine] : [],
      );
      const placer = new Placer(
        this.file,
        { lines: own, closed: this.block.closed || index < sections.length - 1 },
        local,
      );
      const hasLead = section.leadLine < section.startLine;
      const start = hasLead ? withLead(this.lines, target.startLine) : target.startLine;
      const placed = placer.over({ start, end: target.endLine + 1 });
      if (placed.kind === 'placed') edits.push(...placed.edits);
      else if (placed.why === 'unchanged') unchanged++;
      else return placed;
    }
    const brought = importEdits(this.lines, imports);
    if (brought === undefined) return refused('unclear');
    edits.push(...brought);
    if (edits.length === 0 && unchanged > 0) return refused('unchanged');
    return { kind: 'placed', edits };
  }

  /** Code that is a class with far fewer members than the file's was not meant to remove them. */
  private lostWithin(
    sections: readonly CodeSection[],
    found: readonly (Section | 'ambiguous' | undefined)[],
  ): boolean {
    return sections.some((section, index) => {
      const target = found[index];
      if (target === undefined || target === 'ambiguous') return false;
      const isElided = this.elided.some((line) => line > section.startLine && line <= section.endLine);
      if (isElided) return false;
      return this.loses(
        { start: target.startLine, end: target.endLine + 1 },
        this.code.slice(section.startLine, section.endLine + 1),
      );
    });
  }

  /** Where a new declaration goes: behind the one before it in the code, else before the one after it. */
  private beside(
    code: readonly string[],
    index: number,
    found: readonly (Section | 'ambiguous' | undefined)[],
    sections: readonly CodeSection[],
  ): LineEdit | undefined {
    const isTarget = (target: Section | 'ambiguous' | undefined) => typeof target === 'object';
    const before = found.slice(0, index).findLastIndex(isTarget);
    const after = found.findIndex((target, at) => at > index && isTarget(target));
    const sibling = found[before >= 0 ? before : after];
    if (typeof sibling !== 'object') return undefined;
    const region = this.lines.slice(sibling.startLine, sibling.endLine + 1);
    const fitted = fitCode(code, region.slice(0, 1), indentStyleOf(this.lines));
    const [left, right] =
      before >= 0 ? [sections[before], sections[before + 1]] : [sections[after - 1], sections[after]];
    const blanks = Math.max(1, (right?.leadLine ?? 0) - (left?.endLine ?? 0) - 1);
    const space = Array.from({ length: Math.min(2, blanks) }, () => '');
    if (before >= 0) return { start: sibling.endLine + 1, count: 0, lines: [...space, ...fitted] };
    return { start: withLead(this.lines, sibling.startLine), count: 0, lines: [...fitted, ...space] };
  }

  private overWithImports(region: Region): Placement {
    const first = this.code.findIndex((line) => !isBlank(line) && !isImport(line));
    const imports = this.code.slice(0, Math.max(0, first)).filter((line) => !isBlank(line));
    const hasOwn = this.slice(region).some(isImport);
    if (imports.length === 0 || hasOwn || first < 0) return this.over(region);
    const rest = this.code.slice(first);
    const placer = new Placer(
      this.file,
      { ...this.block, lines: rest },
      this.elided.filter((line) => line >= first).map((line) => line - first),
    );
    const placed = placer.over(region);
    const brought = importEdits(this.lines, imports);
    if (brought === undefined) return refused('unclear');
    if (placed.kind === 'refused') {
      return placed.why === 'unchanged' && brought.length > 0 ? { kind: 'placed', edits: brought } : placed;
    }
    return { kind: 'placed', edits: [...placed.edits, ...brought] };
  }

  /** The code in place of a region, unless that would lose what was not meant to go. */
  private over(given: Region): Placement {
    const region = this.withoutLead(given);
    const own = this.slice(region);
    const style = indentStyleOf(this.lines);
    const isWhole = region.start === 0 && region.end >= this.wholeRegion().end;
    const lead = this.keptAttributes(region);
    let next: string[];
    if (this.elided.length > 0) {
      const openEnds = { openStart: isWhole && !this.startsAt(own), openEnd: isWhole && !this.endsAt(own) };
      const pieces = expandElisions(own, this.code, this.elided, openEnds);
      if (pieces === undefined) return refused('unclear');
      const kept = this.code.map((line, index) => (this.elided.includes(index) ? '' : line));
      const fitted = fitCode(kept, own, style);
      next = pieces.map((piece) =>
        'code' in piece ? (fitted[piece.code] ?? '') : (own[piece.region] ?? ''),
      );
    } else {
      if (this.loses(region, this.code) || this.isCutOff(own)) return refused('unclear');
      next = fitCode(this.code, own, style);
    }
    if (lead !== undefined) next.splice(lead.at, 0, ...lead.lines);
    next = withExports(next, own);
    if (isBalanced(own.join('\n')) && !isBalanced(next.join('\n'))) return refused('unclear');
    const edits = editsBetween(own, next, region.start);
    return edits.length === 0 ? refused('unchanged') : { kind: 'placed', edits };
  }

  /** Whether more than a third of the functions and classes of a region are missing in the code. */
  private loses(region: Region, code: readonly string[]): boolean {
    const isBlock = ({ startLine, endLine }: Section) => endLine > startLine;
    const own = this.sections.filter(
      (each) => each.startLine >= region.start && each.endLine < region.end && isBlock(each),
    );
    const nested = own.filter(
      ({ startLine, endLine }) => !(startLine === region.start && endLine === region.end - 1),
    );
    const names = new Set(sectionsOf(code, this.file.languageId).map(({ name }) => name));
    const missing = nested.filter(({ name }) => !names.has(name));
    return missing.length > 0 && missing.length * 3 > nested.length && nested.length > 1;
  }

  /** An answer that ended within its code, before the end of what it repeats. */
  private isCutOff(own: readonly string[]): boolean {
    if (this.block.closed) return false;
    const last = own.findLast((line) => !isBlank(line)) ?? '';
    const end = this.code.findLast((line) => !isBlank(line)) ?? '';
    return squeezed(last) !== squeezed(end) && this.code.length < own.length + 2;
  }

  /** Comments above a declaration stay where the code has none of its own. */
  private withoutLead(region: Region): Region {
    if (isLead(this.code.find((line) => !isBlank(line)) ?? '')) return region;
    let { start } = region;
    while (start < region.end - 1 && isLead(this.lines[start] ?? '') && start > 0) start++;
    const isDeclared = this.sections.some(({ startLine }) => startLine === start);
    return isDeclared ? { start, end: region.end } : region;
  }

  /** Attributes of a declaration that code with comments of its own leaves out. */
  private keptAttributes(region: Region): { at: number; lines: string[] } | undefined {
    const isAttribute = (line: string) => /^\s*(?:@\w|#!?\[|\[\w)/.test(line);
    const lead = (lines: readonly string[]) => {
      const end = lines.findIndex((line) => !isLead(line) && !isBlank(line));
      return lines.slice(0, Math.max(0, end));
    };
    const theirs = lead(this.code);
    const ours = lead(this.slice(region)).filter(isAttribute);
    if (ours.length === 0 || theirs.length === 0 || theirs.some(isAttribute)) return undefined;
    return { at: theirs.length, lines: ours };
  }

  /** A part of a region that begins and ends with lines that are there once. */
  private between(region: Region): Placement | undefined {
    const code = this.code;
    const own = this.slice(region).map(squeezed);
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
    if (sharedLines(this.slice(passage), code) < 0.5) return undefined;
    return this.over(passage);
  }

  private isPartOf(own: readonly string[]): boolean {
    const lines = own.filter((line) => !isBlank(line)).length;
    const code = this.code.filter((line) => !isBlank(line)).length;
    if (lines <= 6 || code >= lines * 0.5 || this.elided.length > 0) return false;
    const first = squeezed(own.find(hasWord) ?? '');
    return !this.code.some((line) => squeezed(line) === first) && sharedLines(this.code, own) >= 0.3;
  }

  private isInside(name: string, region: Region): boolean {
    return this.sectionsNamed(name).some(
      ({ startLine, endLine }) => startLine >= region.start && endLine < region.end,
    );
  }

  private sectionsNamed(name: string): readonly Section[] {
    return this.sections.filter((section) => section.name === name);
  }

  private headsIn(region: Region): readonly Section[] {
    const inside = this.sections.filter(
      ({ startLine, endLine }) => startLine >= region.start && endLine < region.end,
    );
    const least = Math.min(...inside.map(({ indent }) => indent.length));
    return inside.filter(({ indent, startLine, endLine }) => indent.length === least && endLine > startLine);
  }

  private codeSections(): readonly Section[] {
    const all = sectionsOf(this.code, this.file.languageId);
    const least = Math.min(
      ...this.code.filter((line) => !isBlank(line)).map((line) => indentOf(line).length),
    );
    return all.filter(({ indent, startLine }) => indent.length === least || startLine === 0);
  }

  private target(
    { name, startLine }: CodeSection,
    region: Region | undefined,
  ): Section | 'ambiguous' | undefined {
    const named = this.sectionsNamed(name);
    if (named.length <= 1) return named[0];
    const inside =
      region && named.filter((each) => each.startLine >= region.start && each.endLine < region.end);
    if (inside?.length === 1) return inside[0];
    const head = squeezed(this.code[startLine] ?? '');
    const same = named.filter((each) => squeezed(this.lines[each.startLine] ?? '') === head);
    return same.length === 1 ? same[0] : 'ambiguous';
  }

  /** The code as declarations at its margin, with the comments above them. */
  private split(): { sections: CodeSection[]; imports: string[]; loose: boolean } {
    const top = this.outermost();
    const sections: CodeSection[] = [];
    const imports: string[] = [];
    let lead: number | undefined;
    let loose = false;
    for (let line = 0; line < this.code.length; line++) {
      const text = this.code[line] ?? '';
      const section = top.find(({ startLine }) => startLine === line);
      if (section !== undefined) {
        sections.push({ ...section, leadLine: lead ?? line });
        line = section.endLine;
        lead = undefined;
      } else if (isImport(text)) imports.push(text);
      else if (this.elided.includes(line) || isBlank(text)) lead = undefined;
      else if (isLead(text)) lead ??= line;
      else loose = true;
    }
    return { sections, imports, loose };
  }

  private outermost(): readonly Section[] {
    const all = this.codeSections();
    return all.filter(
      (section) =>
        !all.some(
          (other) =>
            other !== section && other.startLine < section.startLine && other.endLine >= section.endLine,
        ),
    );
  }

  private reachesEnds(): boolean {
    const own = this.slice(this.wholeRegion());
    return this.startsAt(own) || this.endsAt(own) || sharedLines(own, this.code) >= 0.85;
  }

  private startsAt(own: readonly string[]): boolean {
    const first = own.filter(hasWord).slice(0, 3).map(squeezed);
    return this.code
      .filter(hasWord)
      .slice(0, 3)
      .map(squeezed)
      .some((line) => first.includes(line));
  }

  private endsAt(own: readonly string[]): boolean {
    const last = (lines: readonly string[]) => squeezed(lines.findLast((line) => !isBlank(line)) ?? '');
    const words = (lines: readonly string[]) => lines.filter(hasWord).slice(-3).map(squeezed);
    return last(own) === last(this.code) && words(this.code).some((line) => words(own).includes(line));
  }

  private wholeRegion(): Region {
    return this.bare({ start: 0, end: this.lines.length }) ?? { start: 0, end: this.lines.length };
  }

  private bare({ start, end }: Region): Region | undefined {
    let first = Math.max(0, start);
    let last = Math.min(end, this.lines.length);
    while (first < last && isBlank(this.lines[first] ?? '')) first++;
    while (last > first && isBlank(this.lines[last - 1] ?? '')) last--;
    return first === last ? undefined : { start: first, end: last };
  }

  private slice({ start, end }: Region): readonly string[] {
    return this.lines.slice(start, end);
  }
}

interface CodeSection extends Section {
  /** Where the comments above it begin. */
  readonly leadLine: number;
}

/** Whether a section is all that a region holds, but comments and closing lines. */
function isHeadOf({ startLine, endLine }: Section, region: Region): boolean {
  return endLine - startLine + 1 >= (region.end - region.start) * 0.5;
}

/**
 * The changed stretches between two versions of lines. A difference in trailing white space alone is none, and blank
 * lines that are only gone were lost, not meant.
 */
export function editsBetween(own: readonly string[], next: readonly string[], offset: number): LineEdit[] {
  const changes = diffArrays(
    own.map((line) => line.trimEnd()),
    next.map((line) => line.trimEnd()),
  );
  const edits: LineEdit[] = [];
  let line = 0;
  let at = 0;
  let open: { start: number; count: number; lines: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    const gone = own.slice(open.start, open.start + open.count);
    if (open.lines.length > 0 || !gone.every(isBlank)) edits.push({ ...open, start: open.start + offset });
    open = undefined;
  };
  for (const { added, removed, count } of changes) {
    if (!added && !removed) {
      close();
      line += count;
      at += count;
      continue;
    }
    open ??= { start: line, count: 0, lines: [] };
    if (removed) {
      open.count += count;
      line += count;
    } else {
      open.lines.push(...next.slice(at, at + count));
      at += count;
    }
  }
  close();
  return edits;
}

/** Small models drop `export`, which would break the callers. */
function withExports(next: readonly string[], own: readonly string[]): string[] {
  const exported = new Map(
    own.flatMap((line) => {
      const found = /^(\s*)(export\s+(?:default\s+)?)(.*)$/.exec(line);
      return found === null ? [] : [[headKey(`${found[1] ?? ''}${found[3] ?? ''}`), found[2] ?? ''] as const];
    }),
  );
  return next.map((line) => {
    const prefix = exported.get(headKey(line));
    return prefix === undefined || /^\s*export\b/.test(line)
      ? line
      : indentOf(line) + prefix + line.trimStart();
  });
}

function headKey(line: string): string {
  const found = /^(\s*(?:async\s+)?(?:function\*?|class|interface|enum|type|const|let|var)\s+[\w$]+)/.exec(
    line,
  );
  return found?.[1] ?? `\0${line}`;
}

function trimmed(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => !isBlank(line));
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => !isBlank(line)) + 1);
}

/** Models repeat the line numbers of what they were shown. */
function withoutNumbers(lines: readonly string[]): readonly string[] {
  const numbered = /^\s*\d+\s*[|:]\s?/;
  const used = lines.filter((line) => !isBlank(line));
  return used.length > 1 && used.every((line) => numbered.test(line))
    ? lines.map((line) => line.replace(numbered, ''))
    : lines;
}
