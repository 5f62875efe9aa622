import { messageOf } from './failure';
import type { LlamaLog } from './llamaLog';

/**
 * Sends the console to the log until the returned function is called: the library says there, not to its logger,
 * why it takes another backend.
 */
export function captureConsole(log: LlamaLog): () => void {
  const { warn, error } = console;
  const text = (args: unknown[]) => args.map(messageOf).join(' ');
  console.warn = (...args: unknown[]) => log.problem('warn', text(args));
  console.error = (...args: unknown[]) => log.problem('error', text(args));
  return () => {
    console.warn = warn;
    console.error = error;
  };
}
