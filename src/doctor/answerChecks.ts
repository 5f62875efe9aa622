import { heldMemory } from '../models/heldMemory';
import { totalBytes } from '../plan/memory';
import type { CheckView } from '../protocol/doctor';
import { formatBytes, formatCount } from '../status/format';
import type { Translate } from '../translate';
import { check } from './check';
import type { Diagnosis } from './diagnosis';
import { formatTokens, heavyFaults, heavySwap, spilledBytes, tooSlow } from './limits';

/** What happened while the question was answered; none where nothing was asked. */
export function answerChecks({ engine: { model }, plan, watched }: Diagnosis, t: Translate): CheckView[] {
  if (!watched) return [];
  const { answer, counted, vramPeakBytes } = watched;
  const { majorFaults, swapInBytes, swapOutBytes } = counted;
  const swap =
    swapInBytes === undefined || swapOutBytes === undefined
      ? undefined
      : t('{0} read, {1} written', formatBytes(swapInBytes), formatBytes(swapOutBytes));
  const predicted = plan?.plan.rates;
  const beside = (measured: number | null, estimate: number | undefined) => {
    if (measured === null) return undefined;
    return estimate === undefined
      ? formatTokens(measured)
      : t('{0} ({1} estimated)', formatTokens(measured), formatTokens(estimate));
  };
  const spilled = spilledBytes(watched, model);
  return [
    check('decode', beside(answer.decode, predicted?.decode), 'measured', {
      concern: (answer.decode ?? Infinity) < tooSlow,
    }),
    // A short prompt is no measure of the plan's prefill rate: no estimate beside it.
    check('prefill', beside(answer.prefill, undefined), 'measured'),
    check(
      'firstToken',
      answer.firstTokenSeconds === null ? undefined : t('{0} s', answer.firstTokenSeconds.toFixed(1)),
      'measured',
    ),
    check('majorFaults', majorFaults === undefined ? undefined : formatCount(majorFaults), 'measured', {
      concern: heavyFaults(watched),
    }),
    check('swap', swap, 'measured', { concern: heavySwap(watched) }),
    ...(model && heldMemory(model).vramBytes > 0
      ? [
          check(
            'vramAnswer',
            describeVram(
              vramPeakBytes,
              heldMemory(model).vramBytes,
              plan && totalBytes(plan.plan.use.vram),
              t,
            ),
            'measured',
          ),
          check(
            'spill',
            spilled === undefined ? undefined : spilled === 0 ? t('none') : formatBytes(spilled),
            'measured',
            { concern: (spilled ?? 0) > 0 },
          ),
        ]
      : []),
  ];
}

function describeVram(
  peak: number | undefined,
  own: number,
  planned: number | undefined,
  t: Translate,
): string | undefined {
  if (peak === undefined) return undefined;
  return planned === undefined
    ? t('{0} by all programs, {1} of it the model’s', formatBytes(peak), formatBytes(own))
    : t(
        '{0} by all programs, {1} of it the model’s ({2} planned)',
        formatBytes(peak),
        formatBytes(own),
        formatBytes(planned),
      );
}
