import { stripVTControlCharacters } from 'node:util';

/** Characters that are kept of one command's output: the beginning, where compilers name the first error, and the end. */
const keptHead = 16_384;
const keptTail = 49_152;

/** The output of a command that may run for days: what it said first and last, in bounded memory. */
export class BoundedOutput {
  private head = '';
  private tail = '';
  private dropped = false;

  add(data: string): void {
    const room = keptHead - this.head.length;
    this.head += data.slice(0, room);
    this.tail += data.slice(room);
    // Cut seldom: each cut copies.
    if (this.tail.length > 2 * keptTail) this.cut();
  }

  /** As a person reads it: without control sequences, lines that were written over only as they last were. */
  text(): string {
    if (this.tail.length > keptTail) this.cut();
    if (!this.dropped) return plainText(this.head + this.tail);
    // What was cut may be in mid-line, or in the middle of a control sequence.
    const first = this.head.slice(0, this.head.lastIndexOf('\n') + 1);
    const last = this.tail.slice(this.tail.indexOf('\n') + 1);
    return `${plainText(first)}\n…\n${plainText(last)}`;
  }

  private cut(): void {
    this.tail = this.tail.slice(-keptTail);
    this.dropped = true;
  }
}

/** Stands for "clear the line" once control sequences are gone. */
const cleared = '\u0000';

/** What a terminal shows of such output in the end. Progress bars leave their last state. */
export function plainText(raw: string): string {
  const lines = stripVTControlCharacters(raw.replaceAll(/\u001b\[[012]?K/g, cleared))
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) =>
      lastWritten(line)
        .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
        .trimEnd(),
    );
  return lines.join('\n').trim();
}

/** A carriage return goes back to the line's start; what is written then covers what was there. */
function lastWritten(line: string): string {
  return line
    .split('\r')
    .reduce((shown, next) =>
      shown.endsWith(cleared) || next.startsWith(cleared) ? next : next + shown.slice(next.length),
    );
}
