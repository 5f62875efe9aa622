import { isLead } from '../declarations';
import { indentStyleOf } from '../indentation';
import { hasWord, isBlank } from '../textLines';
import { isBalanced } from './brackets';
import { expandElisions } from './elisions';
import { fitCode } from './fitCode';
import { editsBetween, withExports } from './lineVersions';
import { squeezed } from './passages';
import { refused, type Placement, type Region, type TargetFile, type WholeCode } from './placement';
import { sectionsOf, type Section } from './sections';

/** Code that is a new version of lines of a file, wherever these are. */
export class CodeVersion {
  readonly lines: readonly string[];
  readonly code: readonly string[];
  readonly sections: readonly Section[];

  /** @param elided lines of the code that stand for what was left out */
  constructor(
    readonly file: TargetFile,
    readonly block: WholeCode,
    readonly elided: readonly number[],
  ) {
    this.lines = file.lines;
    this.code = block.lines;
    this.sections = sectionsOf(file.lines, file.languageId);
  }

  /** The same of a part of the code, from and to a line; the end is exclusive. */
  part(start: number, end: number, closed: boolean): CodeVersion {
    const elided = this.elided.flatMap((line) => (line >= start && line < end ? [line - start] : []));
    return new CodeVersion(this.file, { lines: this.code.slice(start, end), closed }, elided);
  }

  /** The code in place of a region, unless that would lose what was not meant to go. */
  over(given: Region): Placement {
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
    if (this.file.exportsMayGo !== true) next = withExports(next, own);
    if (isBalanced(own.join('\n')) && !isBalanced(next.join('\n'))) return refused('unclear');
    const edits = editsBetween(own, next, region.start);
    if (edits.length === 0) return refused('unchanged');
    return { kind: 'placed', edits, covers: this.elided.length > 0 ? [] : [region] };
  }

  /** Whether more than a third of the functions and classes of a region are missing in the code. */
  loses(region: Region, code: readonly string[]): boolean {
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

  sectionsNamed(name: string): readonly Section[] {
    return this.sections.filter((section) => section.name === name);
  }

  startsAt(own: readonly string[]): boolean {
    const first = own.filter(hasWord).slice(0, 3).map(squeezed);
    return this.code
      .filter(hasWord)
      .slice(0, 3)
      .map(squeezed)
      .some((line) => first.includes(line));
  }

  endsAt(own: readonly string[]): boolean {
    const last = (lines: readonly string[]) => squeezed(lines.findLast((line) => !isBlank(line)) ?? '');
    const words = (lines: readonly string[]) => lines.filter(hasWord).slice(-3).map(squeezed);
    return last(own) === last(this.code) && words(this.code).some((line) => words(own).includes(line));
  }

  wholeRegion(): Region {
    return this.bare({ start: 0, end: this.lines.length }) ?? { start: 0, end: this.lines.length };
  }

  bare({ start, end }: Region): Region | undefined {
    let first = Math.max(0, start);
    let last = Math.min(end, this.lines.length);
    while (first < last && isBlank(this.lines[first] ?? '')) first++;
    while (last > first && isBlank(this.lines[last - 1] ?? '')) last--;
    return first === last ? undefined : { start: first, end: last };
  }

  slice({ start, end }: Region): readonly string[] {
    return this.lines.slice(start, end);
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
}
