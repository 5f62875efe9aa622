import { isImport, isLead } from '../declarations';
import { indentOf, isBlank } from '../textLines';
import { sectionsOf, type Section } from './sections';

/** A declaration of a block of code. */
export interface CodeSection extends Section {
  /** Where the comments above it begin. */
  readonly leadLine: number;
}

export interface CodeDeclarations {
  readonly sections: readonly CodeSection[];
  readonly imports: readonly string[];
  /** There is something else at the margin. */
  readonly loose: boolean;
}

/** What a block of code declares at its margin. */
export function marginSections(code: readonly string[], languageId: string): readonly Section[] {
  const least = Math.min(...code.filter((line) => !isBlank(line)).map((line) => indentOf(line).length));
  return sectionsOf(code, languageId).filter(
    ({ indent, startLine }) => indent.length === least || startLine === 0,
  );
}

/** The code as declarations at its margin, with the comments above them, and what they import. */
export function declarationsOf(
  code: readonly string[],
  languageId: string,
  elided: readonly number[],
): CodeDeclarations {
  const outermost = withoutInner(marginSections(code, languageId));
  const sections: CodeSection[] = [];
  const imports: string[] = [];
  let lead: number | undefined;
  let loose = false;
  for (let line = 0; line < code.length; line++) {
    const text = code[line] ?? '';
    const section = outermost.find(({ startLine }) => startLine === line);
    if (section !== undefined) {
      sections.push({ ...section, leadLine: lead ?? line });
      line = section.endLine;
      lead = undefined;
    } else if (isImport(text)) imports.push(text);
    else if (elided.includes(line) || isBlank(text)) lead = undefined;
    else if (isLead(text)) lead ??= line;
    else loose = true;
  }
  return { sections, imports, loose };
}

function withoutInner(sections: readonly Section[]): readonly Section[] {
  const holds = (outer: Section, inner: Section) =>
    outer !== inner && outer.startLine < inner.startLine && outer.endLine >= inner.endLine;
  return sections.filter((section) => !sections.some((other) => holds(other, section)));
}
