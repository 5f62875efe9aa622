import { randomFrom } from '../randomTexts';

/** Where something changes, as shares and sizes that hold for any file. */
export interface Spot {
  /** 0…1 of the file. */
  readonly at: number;
  /** Lines that go. */
  readonly count: number;
  /** Lines that come. */
  readonly added: number;
  /** Lines around that the answer repeats. */
  readonly context: number;
}

export interface Manner {
  readonly form: 'searchReplace' | 'diff' | 'whole';
  readonly toMargin: boolean;
  readonly trailing: boolean;
  readonly spacesForTabs: boolean;
  readonly dropBlanks: boolean;
  readonly unclosed: boolean;
  readonly carriage: boolean;
  readonly seed: number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
  /** The lines that the answer repeats, from and to; never those of another edit. */
  readonly from: number;
  readonly to: number;
}

const indentOf = (line: string) => /^\s*/.exec(line)?.[0] ?? '';
const linesOf = (text: string) => text.split(/\r?\n/);
const endOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');

/** Edits that do not touch each other, each of which changes something. */
export function changeOf(text: string, spots: readonly Spot[]): Edit[] {
  const lines = linesOf(text);
  const last = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  const edits: Edit[] = [];
  let free = 0;
  for (const [index, spot] of [...spots].sort((a, b) => a.at - b.at).entries()) {
    const start = Math.max(free, Math.floor(spot.at * (last - 1)));
    const end = Math.min(last, start + spot.count);
    if (start >= last || (end === start && spot.added === 0)) continue;
    const near = lines.slice(start, start + 1).find((line) => line.trim() !== '') ?? lines[start - 1] ?? '';
    const added = Array.from({ length: spot.added }, (_, at) => `${indentOf(near)}changed_${index}_${at}();`);
    const from = Math.max(free, start - Math.max(spot.context, end === start ? 1 : 0));
    const to = Math.min(last, end + spot.context);
    edits.push({ start, end, lines: added, from, to });
    free = to + 1;
  }
  return edits;
}

/** The texts that some of the edits lead to; the last one is that of all. */
export function subsetsOf(text: string, edits: readonly Edit[]): string[] {
  return Array.from({ length: 2 ** edits.length }, (_, chosen) => {
    const lines = linesOf(text);
    for (let index = edits.length - 1; index >= 0; index--) {
      const edit = edits[index];
      if (edit !== undefined && (chosen & (1 << index)) !== 0) {
        lines.splice(edit.start, edit.end - edit.start, ...edit.lines);
      }
    }
    return lines.join(endOf(text));
  });
}

/** The same edits as a model would write them, more or less carefully. */
export function renderAnswer(text: string, edits: readonly Edit[], manner: Manner): string {
  const random = randomFrom(manner.seed);
  const lines = linesOf(text);
  const sloppy = (all: readonly string[]) => {
    const margin = manner.toMargin ? commonIndent(all) : 0;
    return all
      .map((line) => line.slice(margin))
      .map((line) =>
        manner.spacesForTabs ? line.replace(/^\t+/, (tabs) => '    '.repeat(tabs.length)) : line,
      )
      .map((line) => (manner.trailing && random() < 0.3 ? `${line}  ` : line));
  };
  const body = edits.flatMap(({ start, end, lines: added, from, to }) => {
    // Blank lines beside what changes are part of the change.
    const kept = (line: number) => !manner.dropBlanks || lines[line]?.trim() !== '';
    const above = lines.slice(from, start).filter((_, at) => from + at === start - 1 || kept(from + at));
    const below = lines.slice(end, to).filter((_, at) => at === 0 || kept(end + at));
    if (manner.form === 'searchReplace') {
      const before = [...above, ...lines.slice(start, end), ...below];
      const both = sloppy([...before, ...above, ...added, ...below]);
      const [old, now] = [both.slice(0, before.length), both.slice(before.length)];
      return ['<<<<<<< SEARCH', ...old, '=======', ...now, '>>>>>>> REPLACE'];
    }
    return [
      `@@ -${Math.floor(random() * 900)},3 +${Math.floor(random() * 900)},4 @@`,
      ...lines.slice(from, start).map((line) => ` ${line}`),
      ...lines.slice(start, end).map((line) => `-${line}`),
      ...added.map((line) => `+${line}`),
      ...lines.slice(end, to).map((line) => ` ${line}`),
    ];
  });
  const whole = manner.form === 'whole' ? sloppy(linesOf(subsetsOf(text, edits).at(-1) ?? '')) : body;
  const fence = text.includes('```') ? '````' : '```';
  const answer = ['Here it is:', '', manner.form === 'diff' ? `${fence}diff` : fence, ...whole];
  if (!manner.unclosed) answer.push(fence, 'That is all.');
  return answer.join(manner.carriage ? '\r\n' : '\n');
}

function commonIndent(lines: readonly string[]): number {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => indentOf(line).length);
  return indents.length === 0 ? 0 : Math.min(...indents);
}
