import { describe, expect, it, vi } from 'vitest';
import { runCommand, type CommandSurroundings } from '../../../src/commands/runCommand';
import { CancelledError, EngineError, UserError } from '../../../src/errors';
import { errorInWords } from '../../../src/failureWords';

const plain = (message: string, ...values: unknown[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));

function editor(press?: string) {
  const logged: (string | Error)[] = [];
  const showError = vi.fn<CommandSurroundings['showError']>(() => Promise.resolve(press));
  const execute = vi.fn(() => Promise.resolve());
  const ignore = () => undefined;
  const surroundings: CommandSurroundings = {
    describe: (error) => errorInWords({ t: plain }, error),
    logger: {
      ...{ trace: ignore, debug: ignore, info: ignore, warn: ignore },
      error: (message) => void logged.push(message),
    },
    translate: plain,
    showError,
    execute,
  };
  return { surroundings, showError, execute, logged };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('runCommand', () => {
  it('says nothing of a success', async () => {
    const { surroundings, showError } = editor();
    await runCommand(() => Promise.resolve(1), surroundings);
    expect(showError).not.toHaveBeenCalled();
  });

  it('never shows a cancel', async () => {
    const { surroundings, showError, logged } = editor();
    await runCommand(() => Promise.reject(new CancelledError()), surroundings);
    expect(showError).not.toHaveBeenCalled();
    expect(logged).toEqual([]);
  });

  it('shows one message with Show Log, and opens the log', async () => {
    const { surroundings, showError, execute, logged } = editor('Show Log');
    await runCommand(() => {
      throw new UserError('Open a file first.');
    }, surroundings);
    await settled();
    expect(showError.mock.calls).toEqual([['Open a file first.', 'Show Log']]);
    expect(execute.mock.calls).toEqual([['layercake.showLog']]);
    expect(logged).toHaveLength(1);
  });

  it('offers what helps before the log', async () => {
    const { surroundings, showError, execute } = editor('Choose Model');
    await runCommand(() => Promise.reject(new EngineError({ reason: 'noModel', detail: '' })), surroundings);
    await settled();
    expect(showError.mock.calls[0]?.slice(1)).toEqual(['Choose Model', 'Show Log']);
    expect(execute.mock.calls).toEqual([['layercake.chooseModel']]);
  });

  it('runs the command again where trying again may help', async () => {
    const { surroundings } = editor('Try Again');
    const handler = vi
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(new EngineError({ reason: 'startTimeout', detail: '' }))
      .mockResolvedValueOnce();
    await runCommand(handler, surroundings);
    await settled();
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it('does not wait for the message to be read', async () => {
    const { surroundings } = editor();
    surroundings.showError = () => new Promise(() => undefined);
    await runCommand(() => Promise.reject(new Error('boom')), surroundings);
  });
});
