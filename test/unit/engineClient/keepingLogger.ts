import type { Logger } from '../../../src/log';

/** A logger that keeps its lines. */
export class KeepingLogger implements Logger {
  readonly lines: string[] = [];
  readonly trace = (message: string) => void this.lines.push(message);
  readonly debug = (message: string) => void this.lines.push(message);
  readonly info = (message: string) => void this.lines.push(message);
  readonly warn = (message: string) => void this.lines.push(message);
  readonly error = (message: string | Error) => void this.lines.push(String(message));
}
