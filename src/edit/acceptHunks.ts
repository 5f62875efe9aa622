import * as vscode from 'vscode';
import { UserError } from '../errors';
import { changeLines, openFile } from './fileEdits';
import { createFile } from './newFile';
import type { Review } from './review';

/**
 * Changes the file of a review by some of its hunks, in one step. Returns the words for those that have no certain
 * place in it any more; they stay undecided.
 */
export async function acceptHunks(review: Review, ids: readonly number[]): Promise<UserError | undefined> {
  const { model, request } = review;
  if (request.isNew === true) {
    await createFile(request.uri, model.proposedLines().join('\n'));
    for (const id of ids) model.decide(id, 'accepted');
    return undefined;
  }
  const file = await openFile(request.uri);
  const { edits, refused } = model.accept(ids, file.getText());
  const changes = edits.map(({ edit }) => edit);
  if (changes.length > 0) await changeLines(file, changes);
  for (const { id } of edits) model.decide(id, 'accepted');
  const [first] = refused;
  if (first === undefined) return undefined;
  const name = vscode.workspace.asRelativePath(file.uri);
  if (refused.length > 1) {
    return new UserError(
      vscode.l10n.t(
        '{0} changes no longer fit, since {1} was changed meanwhile. They were left out.',
        refused.length,
        name,
      ),
    );
  }
  return new UserError(
    first.why === 'gone'
      ? vscode.l10n.t('This change no longer fits: the lines in {0} were changed meanwhile.', name)
      : vscode.l10n.t(
          'This change could go to several places, since {0} was changed meanwhile. Nothing was replaced.',
          name,
        ),
  );
}
