export type LogLevel = 'error' | 'warn' | 'info';

/** The client writes the engine's stderr to the log, line by line. Prompts and answers never go there. */
export function log(level: LogLevel, message: string): void {
  for (const line of message.split('\n')) {
    if (line.trim() !== '') process.stderr.write(`[${level}] ${line}\n`);
  }
}
