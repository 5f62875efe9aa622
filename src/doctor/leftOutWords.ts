import type { Translate } from '../translate';
import type { Diagnosis } from './diagnosis';

/** Why no question was asked, in a sentence; undefined where one was. */
export function describeLeftOut(
  { leftOut, failure }: Pick<Diagnosis, 'leftOut' | 'failure'>,
  t: Translate,
): string | undefined {
  switch (leftOut) {
    case undefined:
      return undefined;
    case 'noModelChosen':
      return t('Left out: no model is chosen yet.');
    case 'notLoaded':
      return t('Left out: the model is not loaded.');
    case 'busy':
      return t('Left out: the engine is busy with something else.');
    case 'cancelled':
      return t('Left out: the examination was cancelled.');
    case 'failed':
      return failure === undefined || failure === ''
        ? t('Left out: the engine failed.')
        : t('Left out: {0}', failure);
  }
}
