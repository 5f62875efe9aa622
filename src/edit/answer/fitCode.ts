import { diffArrays } from 'diff';
import { indentColumns, indentLevels, unitOf, type IndentStyle } from '../indentation';
import { indentOf, isBlank } from '../textLines';
import { squeezed } from './passages';

type Fit = (line: string, index: number) => string;

/**
 * Code in the indentation of the region that it is a new version of. Of the ways to read a model's indents the one
 * counts that leaves the most of the repeated lines as they are: as they stand, or moved to the margin, in the model's
 * unit or the file's.
 */
export function fitCode(code: readonly string[], region: readonly string[], style: IndentStyle): string[] {
  const pairs = repeated(code, region);
  const first = code.findIndex((line) => !isBlank(line));
  const head = region.find((line) => !isBlank(line)) ?? '';
  const margin = shortest(region) ?? '';
  const asItStands: Fit = (line) =>
    style.kind === 'tabs' ? tabbed(line, code, style) : untabbed(line, style);
  const rest = shortest(code.slice(first + 1)) ?? '';
  const fits: Fit[] = [asItStands];
  if (indentOf(code[first] ?? '') === '' && indentOf(head) !== '' && rest.startsWith(indentOf(head))) {
    fits.push((line, index) => (index === first ? indentOf(head) + line : asItStands(line, index)));
  }
  fits.push(moved(code, margin, unitOf(code), style), moved(code, margin, style.width, style));
  const standsWell = (shortest(code) ?? '') === margin;
  const score = (fit: Fit) => pairs.filter(([index, own]) => fit(code[index] ?? '', index) === own).length;
  const candidates = pairs.length > 0 || standsWell ? fits : fits.slice(1);
  let best = candidates[0] ?? asItStands;
  for (const fit of candidates) if (score(fit) > score(best)) best = fit;
  return code.map((line, index) => (isBlank(line) ? '' : best(line, index).trimEnd()));
}

/** Lines of the code that the region has as well: position in the code, and the region's line. */
function repeated(code: readonly string[], region: readonly string[]): [number, string][] {
  const pairs: [number, string][] = [];
  let at = 0;
  let own = 0;
  for (const { added, removed, count } of diffArrays(code.map(squeezed), region.map(squeezed), {})) {
    if (added) own += count;
    else if (removed) at += count;
    else {
      for (let index = 0; index < count; index++, at++, own++) {
        if (!isBlank(code[at] ?? '')) pairs.push([at, (region[own] ?? '').trimEnd()]);
      }
    }
  }
  return pairs;
}

function moved(code: readonly string[], margin: string, unit: number, style: IndentStyle): Fit {
  const least = Math.min(
    ...code.filter((line) => !isBlank(line)).map((line) => indentColumns(indentOf(line), unit)),
  );
  return (line) => {
    const wide = indentColumns(indentOf(line), unit) - least;
    return margin + indentLevels(Math.floor(wide / unit), style) + ' '.repeat(wide % unit) + line.trimStart();
  };
}

/** The file has tabs: what a model wrote as spaces becomes tabs. */
function tabbed(line: string, code: readonly string[], style: IndentStyle): string {
  const indent = indentOf(line);
  if (!indent.startsWith('  ')) return line;
  const unit = unitOf(code.filter((each) => !indentOf(each).includes('\t')));
  return (
    indentLevels(Math.floor(indent.length / unit), style) +
    ' '.repeat(indent.length % unit) +
    line.trimStart()
  );
}

function untabbed(line: string, style: IndentStyle): string {
  const indent = indentOf(line);
  return indent.includes('\t') ? indent.replaceAll('\t', ' '.repeat(style.width)) + line.trimStart() : line;
}

function shortest(lines: readonly string[]): string | undefined {
  const indents = lines.filter((line) => !isBlank(line)).map(indentOf);
  return indents.reduce<string | undefined>(
    (least, indent) => (least === undefined || indent.length < least.length ? indent : least),
    undefined,
  );
}
