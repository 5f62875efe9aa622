import { rm } from 'node:fs/promises';
import { UserError } from '../errors';
import { hashFileOf } from '../protocol/hashFile';
import type { Translate } from '../translate';
import type { LibraryEntry, ModelCopy } from './entry';

/** The copies in Layercake's own folders: no others are ever deleted. */
export function ownCopies({ copies }: LibraryEntry): ModelCopy[] {
  return copies.filter(({ place }) => place === 'layercake');
}

/**
 * Throws a `UserError` where it may not be deleted.
 * @param busy path of the model that is loaded or loading
 */
export function checkDeletable(entry: LibraryEntry, busy: string | undefined, t: Translate): void {
  const own = ownCopies(entry);
  if (own.length === 0) {
    throw new UserError(
      t('{0} is not in a folder of Layercake’s own. Delete it in the program that keeps it.', entry.name),
    );
  }
  if (own.some(({ path }) => path === busy)) {
    throw new UserError(t('{0} is loaded. Unload it first, then delete it.', entry.name));
  }
}

/** Deletes all parts of Layercake's own copies, and what is beside them. Rejects where a file cannot be deleted. */
export async function deleteOwnCopies(entry: LibraryEntry): Promise<void> {
  for (const file of ownCopies(entry).flatMap(({ parts }) => parts)) {
    await rm(file);
    await rm(hashFileOf(file), { force: true });
  }
}
