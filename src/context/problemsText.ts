/** A diagnostic as a model is told it. Lines and columns 1-based. */
export interface Problem {
  path: string;
  line: number;
  column: number;
  severity: 'error' | 'warning';
  message: string;
  /** e.g. "ts(2304)" */
  code: string;
  /** The source line; undefined: not at hand. */
  source: string | undefined;
  related: readonly { path: string; line: number; message: string }[];
}

/** More than these no answer deals with. */
const maxProblems = 50;
const maxRelated = 3;

/** Errors before warnings, files together, those of `first` before all. Says how many were left out. */
export function problemsText(problems: readonly Problem[], first: string | undefined): string {
  const weight = ({ path, severity }: Problem): number =>
    (path === first ? 0 : 2) + (severity === 'error' ? 0 : 1);
  const sorted = [...problems].sort(
    (a, b) => weight(a) - weight(b) || a.path.localeCompare(b.path) || a.line - b.line || a.column - b.column,
  );
  const shown = sorted.slice(0, maxProblems).map(describe);
  const left = problems.length - shown.length;
  return [...shown, ...(left > 0 ? [`(${left} more are left out)`] : [])].join('\n');
}

function describe({ path, line, column, severity, message, code, source, related }: Problem): string {
  const head = `${path}:${line}:${column}: ${severity}${code === '' ? '' : ` ${code}`}: ${message.trim()}`;
  const lines = [head];
  if (source !== undefined && source.trim() !== '') lines.push(`    ${source.trim().slice(0, 200)}`);
  for (const each of related.slice(0, maxRelated)) {
    lines.push(`  see ${each.path}:${each.line}: ${each.message.trim()}`);
  }
  return lines.join('\n');
}
