/** The quantising process: has llama.cpp itself do it, and says what came of it on standard output. */
import { constants, setPriority } from 'node:os';
import { sizeLevels, writeLevel } from './levels';
import { QuantizeLibrary } from './library';
import { findLibraryFiles } from './libraryFiles';
import { parseQuantizeArguments } from './quantizeArguments';
import { errorText, QuantizeError } from './quantizeError';
import { say } from './say';

async function main(): Promise<number> {
  try {
    const command = parseQuantizeArguments(process.argv.slice(2));
    const library = new QuantizeLibrary(await findLibraryFiles(process.platform, process.arch));
    if (command.kind === 'dry-run') await sizeLevels(library, command);
    else {
      // A model that answers meanwhile has the cores first.
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
      writeLevel(library, command);
    }
    say({ kind: 'done' });
    return 0;
  } catch (error) {
    const failure = QuantizeError.is(error) ? error : new QuantizeError('internal', errorText(error));
    say({ kind: 'failed', reason: failure.reason, detail: failure.detail });
    return 1;
  }
}

// What cannot be said is said to nobody.
void main().then(
  (code) => process.exit(code),
  () => process.exit(1),
);
