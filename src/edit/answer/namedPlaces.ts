import { withLead } from '../declarations';
import { indentStyleOf } from '../indentation';
import type { LineEdit } from '../lineEdit';
import { declarationsOf, type CodeSection } from './codeDeclarations';
import type { CodeVersion } from './codeVersion';
import { fitCode } from './fitCode';
import { importEdits } from './imports';
import { squeezed } from './passages';
import { refused, type Placement, type Region } from './placement';
import type { Section } from './sections';

/** A declaration of the code, and the one of the file that it is a new version of; undefined: it is new. */
interface Pair {
  readonly section: CodeSection;
  readonly target: Section | undefined;
}

/**
 * Each declaration of the code over the one of its name, and new ones beside the one that they follow. Weakly refused
 * where the code is not made of declarations, or the file has none of these names.
 * @param region where a name that is there several times is meant
 */
export function placeByNames(version: CodeVersion, region: Region | undefined): Placement {
  const { code, file, lines, elided } = version;
  const { sections, imports, loose } = declarationsOf(code, file.languageId, elided);
  if (loose || sections.length === 0) return refused('notFound', true);
  const pairs: Pair[] = [];
  for (const section of sections) {
    const target = targetOf(version, section, region);
    if (target === 'ambiguous') return refused('ambiguous');
    pairs.push({ section, target });
  }
  if (pairs.every(({ target }) => target === undefined)) return refused('notFound', true);
  if (pairs.some((pair) => loses(version, pair))) return refused('unclear');
  const edits: LineEdit[] = [];
  const covers: Region[] = [];
  for (const [index, { section, target }] of pairs.entries()) {
    if (target === undefined) {
      const added = beside(version, index, pairs);
      if (added === undefined) return refused('notFound');
      edits.push(added);
      continue;
    }
    const isClosed = version.block.closed || index < pairs.length - 1;
    const hasLead = section.leadLine < section.startLine;
    const start = hasLead ? withLead(lines, target.startLine) : target.startLine;
    const part = version.part(section.leadLine, section.endLine + 1, isClosed);
    const placed = part.over({ start, end: target.endLine + 1 });
    if (placed.kind === 'placed') {
      edits.push(...placed.edits);
      covers.push(...placed.covers);
    } else if (placed.why !== 'unchanged') return placed;
  }
  const brought = importEdits(lines, imports);
  if (brought === undefined) return refused('unclear');
  edits.push(...brought);
  return edits.length === 0 ? refused('unchanged') : { kind: 'placed', edits, covers };
}

function targetOf(
  version: CodeVersion,
  { name, startLine }: CodeSection,
  region: Region | undefined,
): Section | 'ambiguous' | undefined {
  const named = version.sectionsNamed(name);
  if (named.length <= 1) return named[0];
  const inside =
    region && named.filter((each) => each.startLine >= region.start && each.endLine < region.end);
  if (inside?.length === 1) return inside[0];
  const head = squeezed(version.code[startLine] ?? '');
  const same = named.filter((each) => squeezed(version.lines[each.startLine] ?? '') === head);
  return same.length === 1 ? same[0] : 'ambiguous';
}

/** Code that is a class with far fewer members than the file's was not meant to remove them. */
function loses(version: CodeVersion, { section, target }: Pair): boolean {
  if (target === undefined) return false;
  const { startLine, endLine } = section;
  if (version.elided.some((line) => line > startLine && line <= endLine)) return false;
  const region = { start: target.startLine, end: target.endLine + 1 };
  return version.loses(region, version.code.slice(startLine, endLine + 1));
}

/** Where a new declaration goes: behind the one before it in the code, else before the one after it. */
function beside({ code, lines }: CodeVersion, index: number, pairs: readonly Pair[]): LineEdit | undefined {
  const own = pairs[index]?.section;
  const before = pairs.slice(0, index).findLastIndex(({ target }) => target !== undefined);
  const after = pairs.findIndex(({ target }, at) => at > index && target !== undefined);
  const sibling = pairs[before >= 0 ? before : after]?.target;
  if (sibling === undefined || own === undefined) return undefined;
  const head = lines.slice(sibling.startLine, sibling.startLine + 1);
  const fitted = fitCode(code.slice(own.leadLine, own.endLine + 1), head, indentStyleOf(lines));
  const [left, right] = before >= 0 ? [pairs[before], pairs[before + 1]] : [pairs[after - 1], pairs[after]];
  const blanks = (right?.section.leadLine ?? 0) - (left?.section.endLine ?? 0) - 1;
  const space = Array.from({ length: Math.min(2, Math.max(1, blanks)) }, () => '');
  if (before >= 0) return { start: sibling.endLine + 1, count: 0, lines: [...space, ...fitted] };
  return { start: withLead(lines, sibling.startLine), count: 0, lines: [...fitted, ...space] };
}
