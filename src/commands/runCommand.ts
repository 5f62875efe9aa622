import { commandIds, type CommandId } from '../contributions';
import type { FailureWords } from '../failureWords';
import type { Logger } from '../log';
import type { FailureAction } from '../protocol/webview';
import type { Translate } from '../translate';

/** What a command needs of the editor to fail well. */
export interface CommandSurroundings {
  /** Undefined for a cancel. */
  describe: (error: unknown) => FailureWords | undefined;
  logger: Logger;
  translate: Translate;
  /** `vscode.window.showErrorMessage` */
  showError: (message: string, ...buttons: string[]) => PromiseLike<string | undefined>;
  execute: (command: CommandId) => PromiseLike<unknown>;
}

/**
 * Runs the handler of a command. A failure becomes one message, with the button that helps and Show Log; a cancel is
 * a result and never shown. Never rejects, and does not wait for the person to read the message.
 */
export async function runCommand(handler: () => unknown, surroundings: CommandSurroundings): Promise<void> {
  try {
    await handler();
  } catch (error) {
    const words = surroundings.describe(error);
    if (words === undefined) return;
    surroundings.logger.error(error instanceof Error ? error : new Error(String(error)));
    const again = () => runCommand(handler, surroundings);
    showFailure(words, again, surroundings).then(undefined, (failure: unknown) => {
      surroundings.logger.error(failure instanceof Error ? failure : new Error(String(failure)));
    });
  }
}

async function showFailure(
  { message, action }: FailureWords,
  again: () => Promise<void>,
  { translate, showError, execute }: CommandSurroundings,
): Promise<void> {
  const showLog = translate('Show Log');
  const helping = action === undefined || action === 'showLog' ? undefined : buttonOf(action, translate);
  const buttons = helping === undefined ? [showLog] : [helping.title, showLog];
  const pressed = await showError(message, ...buttons);
  if (pressed === undefined) return;
  if (pressed === showLog) await execute(commandIds.showLog);
  else if (helping?.command === undefined) await again();
  else await execute(helping.command);
}

/** Without a command: the same command again. */
function buttonOf(
  action: Exclude<FailureAction, 'showLog'>,
  translate: Translate,
): { title: string; command?: CommandId } {
  switch (action) {
    case 'retry':
      return { title: translate('Try Again') };
    case 'openSettings':
      return { title: translate('Open Settings'), command: commandIds.openSettings };
    case 'chooseModel':
      return { title: translate('Choose Model'), command: commandIds.chooseModel };
  }
}
