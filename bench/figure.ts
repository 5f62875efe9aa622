/** One measured figure against its bar. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The same measured on the tool compared with; null where there is none. */
  peer: number | null;
  /** What `value` has to reach, in words, e.g. "≥ 0.9". */
  bar: string;
  /** null: not decided, because the peer could not be had. */
  pass: boolean | null;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('No values to take the median of.');
  const lower = sorted[middle - 1];
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${round(figure.value)} ${figure.unit}`.trim(),
    figure.peer === null ? '–' : String(round(figure.peer)),
    figure.bar,
    figure.pass === null ? 'not decided' : figure.pass ? 'yes' : 'NO',
  ]);
  const table = [['figure', 'measured', 'peer', 'bar', 'reached'], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n');
}

function round(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 5 : 3));
}
