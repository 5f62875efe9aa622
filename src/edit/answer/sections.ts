import { blockEnd, declaredName, isLead, type NamedRange } from '../declarations';
import { indentOf, isBlank } from '../textLines';

/** A named piece of a file, e.g. a function, a class, a rule of a style sheet, a chapter. */
export interface Section extends NamedRange {
  readonly indent: string;
}

/** The named pieces of a text at any depth, in order. None for languages whose pieces have no names. */
export function sectionsOf(lines: readonly string[], languageId: string): Section[] {
  switch (languageId) {
    case 'markdown':
      return chapters(lines);
    case 'css':
    case 'scss':
    case 'less':
      return rules(lines);
    case 'sql':
      return statements(lines);
    case 'html':
    case 'xml':
    case 'json':
    case 'jsonc':
    case 'yaml':
    case 'toml':
    case 'plaintext':
      return [];
    default:
      return declarations(lines);
  }
}

function declarations(lines: readonly string[]): Section[] {
  return lines.flatMap((line, startLine) => {
    const name = isLead(line) ? undefined : declaredName(line);
    if (name === undefined) return [];
    return [{ name, startLine, endLine: blockEnd(lines, startLine), indent: indentOf(line) }];
  });
}

function rules(lines: readonly string[]): Section[] {
  return lines.flatMap((line, startLine) => {
    const selector = /^\s*([^{}/*@][^{}]*|@(?:media|supports|keyframes)[^{}]*)\{\s*$/.exec(line)?.[1];
    if (selector === undefined) return [];
    const name = selector.trim().replaceAll(/\s+/g, ' ');
    return [{ name, startLine, endLine: blockEnd(lines, startLine), indent: indentOf(line) }];
  });
}

const created =
  /^\s*create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+|unique\s+|materialized\s+)*(?:table|view|function|procedure|trigger|index|type|sequence)\s+(?:if\s+not\s+exists\s+)?([\w."]+)/i;

function statements(lines: readonly string[]): Section[] {
  return lines.flatMap((line, startLine) => {
    const name = created.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) return [];
    let quoted = false;
    for (let endLine = startLine; endLine < lines.length; endLine++) {
      const text = lines[endLine] ?? '';
      if ((text.match(/\$\w*\$/g) ?? []).length % 2 === 1) quoted = !quoted;
      if (!quoted && /;\s*(?:--.*)?$/.test(text))
        return [{ name, startLine, endLine, indent: indentOf(line) }];
    }
    return [];
  });
}

function chapters(lines: readonly string[]): Section[] {
  let fenced = false;
  const heads = lines.flatMap((line, startLine) => {
    if (/^\s*(?:`{3,}|~{3,})/.test(line)) fenced = !fenced;
    const head = fenced ? null : /^(#{1,6})\s+(.+?)\s*#*$/.exec(line);
    return head === null ? [] : [{ name: head[2] ?? '', level: (head[1] ?? '').length, startLine }];
  });
  return heads.map(({ name, level, startLine }, index) => {
    const next = heads.slice(index + 1).find((head) => head.level <= level);
    let endLine = (next?.startLine ?? lines.length) - 1;
    while (endLine > startLine && isBlank(lines[endLine] ?? '')) endLine--;
    return { name, startLine, endLine, indent: '' };
  });
}
