/** What the parts of the extension log to; `vscode.LogOutputChannel` is one. Prompts and code at trace only. */
export interface Logger {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string | Error): void;
}

/** A logger that puts its part's name before each line. */
export function subLogger(logger: Logger, name: string): Logger {
  const prefix = (message: string) => `[${name}] ${message}`;
  return {
    trace: (message) => logger.trace(prefix(message)),
    debug: (message) => logger.debug(prefix(message)),
    info: (message) => logger.info(prefix(message)),
    warn: (message) => logger.warn(prefix(message)),
    error: (message) =>
      logger.error(prefix(message instanceof Error ? (message.stack ?? message.message) : message)),
  };
}

/** For programs that print results alone. */
export const silentLogger: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
