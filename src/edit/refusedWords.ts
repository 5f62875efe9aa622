import * as vscode from 'vscode';
import type { RefusedEdit } from './answerEdits';

/** Why nothing of an answer could be applied. */
export function nothingWords(refused: readonly RefusedEdit[]): string {
  const [first] = refused;
  const { t } = vscode.l10n;
  if (first === undefined || first.why === 'noCode') {
    return t('The answer holds no code, so nothing can be changed. You can read it in the chat.');
  }
  if (first.why === 'unchanged') return t('The answer would change nothing in the code.');
  return t('Nothing was changed. {0} You can read the answer in the chat.', oneRefused(first));
}

/** What of an answer was left out, beside what is in the review. */
export function refusedWords(refused: readonly RefusedEdit[]): string {
  const { t } = vscode.l10n;
  const [first] = refused;
  if (first === undefined) return '';
  if (refused.length === 1) return t('One change of the answer was left out. {0}', oneRefused(first));
  return t('{0} changes of the answer were left out. The first: {1}', refused.length, oneRefused(first));
}

function oneRefused({ why, path }: RefusedEdit): string {
  const { t } = vscode.l10n;
  const name = path ?? t('the files');
  switch (why) {
    case 'notFound':
      return t('The lines that it would change are not in {0}.', name);
    case 'ambiguous':
      return t(
        'The lines that it would change are in {0} more than once, or come in several versions.',
        name,
      );
    case 'unclear':
      return t(
        'It is not certain what it would make of {0}: the code is not whole, or lines are left out.',
        name,
      );
    case 'overlaps':
      return t('It changes lines of {0} that another change has changed already.', name);
    case 'unknownFile':
      return t('The model was not shown {0}.', name);
    case 'unchanged':
      return t('It would change nothing in {0}.', name);
    case 'noCode':
      return t('It holds no code.');
  }
}
