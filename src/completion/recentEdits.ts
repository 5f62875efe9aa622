const mostFiles = 30;
const mostLines = 8;
/** Edits so close to each other are one. */
const near = 6;

/** Where somebody wrote lately. */
export class RecentEdits {
  /** By document, the latest last. */
  private readonly lines = new Map<string, number[]>();

  /** @param line from 0 */
  note(uri: string, line: number): void {
    const known = this.lines.get(uri) ?? [];
    this.lines.delete(uri);
    this.lines.set(
      uri,
      [line, ...known.filter((other) => Math.abs(other - line) > near)].slice(0, mostLines),
    );
    const [oldest] = this.lines.keys();
    if (this.lines.size > mostFiles && oldest !== undefined) this.lines.delete(oldest);
  }

  /** The latest first. */
  of(uri: string): readonly number[] {
    return this.lines.get(uri) ?? [];
  }

  /** Documents, the latest edited first. */
  get documents(): string[] {
    return [...this.lines.keys()].reverse();
  }
}
