import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stateFilePrefix } from '../protocol/stateFiles';

/**
 * Removes the saved states of a conversation, of whichever models, whether or not an engine runs.
 * @param folder with a folder for each model
 */
export async function removeSavedStates(folder: string, conversation: string): Promise<void> {
  const prefix = stateFilePrefix(conversation);
  for (const model of await namesIn(folder)) {
    for (const name of await namesIn(join(folder, model))) {
      if (name.startsWith(prefix)) await rm(join(folder, model, name), { force: true });
    }
  }
}

/** None where there is no such folder: nothing was saved then. */
async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
