import { backendName, describeFallback } from '../status/backend';
import { formatBytes, formatCount, formatShare } from '../status/format';
import type { CheckId, CheckSource, CheckView } from '../protocol/doctor';
import type { Translate } from '../translate';
import type { Diagnosis } from './diagnosis';
import { memorySpeed } from './memorySpeed';
import { formatBandwidth, formatTokens, heavyFaults, heavySwap, spilledBytes } from './limits';
import { lacksVectors } from './processor';

/** What was read of the machine, then what happened during the question; one row each. */
export function checksOf(diagnosis: Diagnosis, t: Translate): CheckView[] {
  return [...machineChecks(diagnosis, t), ...answerChecks(diagnosis, t)];
}

/** undefined becomes "not told", whatever source it would have had. */
function check(id: CheckId, value: string | undefined, source: CheckSource, concern = false): CheckView {
  return { id, value, source: value === undefined ? 'notTold' : source, concern };
}

function machineChecks({ engine: { info, runtime }, machine }: Diagnosis, t: Translate): CheckView[] {
  const { hardware, driver, modules, cpuName, instructionSets, calibration } = machine;
  const { gpus, ramTotalBytes, ramAvailableBytes, physicalCores } = hardware;
  const memory = modules && memorySpeed(modules);
  const cores = physicalCores === undefined ? undefined : t('{0} cores', physicalCores);
  const cards =
    gpus.length === 0
      ? // Without an engine nobody has looked for a card that only a GPU library sees.
        [check('gpu', info === undefined ? undefined : t('none'), 'told')]
      : gpus.flatMap(({ name, totalBytes, usedBytes }) => [
          check('gpu', name, 'told'),
          usedBytes === undefined
            ? check('vram', formatBytes(totalBytes), 'told')
            : check('vram', t('{0} in use', formatShare(usedBytes, totalBytes)), 'measured'),
        ]);
  const backend =
    info &&
    (info.fallback
      ? describeFallback(info.fallback, info.backend, t)
      : `${backendName(info.backend)}, llama.cpp ${info.llamaCppRelease}`);
  return [
    ...cards,
    ...(gpus.length === 0 && driver === undefined ? [] : [check('driver', driver, 'told')]),
    check('backend', backend, 'told', info?.fallback !== undefined),
    check(
      'runtime',
      runtime && `${runtime.kind === 'node' ? 'Node.js' : 'Electron'} ${runtime.version}`,
      'told',
    ),
    check(
      'ram',
      t('{0}, {1} free', formatBytes(ramTotalBytes), formatBytes(ramAvailableBytes)),
      'measured',
      ramAvailableBytes < ramTotalBytes / 16,
    ),
    check('modules', modules && describeModules(modules), 'told', memory?.singleChannel),
    check('ramSpeed', memory && describeSpeed(memory, t), 'told', memory?.belowRated),
    check(
      'ramRated',
      memory?.bandwidth === undefined ? undefined : formatBandwidth(memory.bandwidth),
      'estimated',
    ),
    check('ramMeasured', measuredRate(calibration?.ramBytesPerSecond), 'measured'),
    ...(calibration && calibration.vramBytesPerSecond > 0
      ? [
          check('vramMeasured', formatBandwidth(calibration.vramBytesPerSecond), 'measured'),
          check('copyMeasured', formatBandwidth(calibration.copyBytesPerSecond), 'measured'),
        ]
      : []),
    check('cpu', [cpuName, cores].filter((part) => part !== undefined).join(', ') || undefined, 'told'),
    check(
      'instructions',
      instructionSets && (instructionSets.length === 0 ? t('none') : instructionSets.join(', ')),
      'told',
      lacksVectors(instructionSets),
    ),
    check('disk', measuredRate(calibration?.diskBytesPerSecond), 'measured'),
  ];
}

/** A calibration tells 0 of what it could not measure. */
function measuredRate(bytesPerSecond: number | undefined): string | undefined {
  return bytesPerSecond === undefined || bytesPerSecond <= 0 ? undefined : formatBandwidth(bytesPerSecond);
}

/** "2 × 16 GiB DDR5" */
function describeModules(modules: NonNullable<Diagnosis['machine']['modules']>): string {
  const kinds = new Map<string, number>();
  for (const { bytes, kind } of modules) {
    const name = [formatBytes(bytes).replace('.0 ', ' '), kind]
      .filter((part) => part !== undefined)
      .join(' ');
    kinds.set(name, (kinds.get(name) ?? 0) + 1);
  }
  return [...kinds].map(([name, count]) => `${count} × ${name}`).join(', ');
}

function describeSpeed(
  { speed, ratedSpeed, channels }: ReturnType<typeof memorySpeed>,
  t: Translate,
): string | undefined {
  if (speed === undefined) return undefined;
  const rate =
    ratedSpeed === undefined || ratedSpeed <= speed
      ? t('{0} MT/s', formatCount(speed))
      : t('{0} of {1} MT/s', formatCount(speed), formatCount(ratedSpeed));
  if (channels === undefined) return rate;
  return channels === 1 ? t('{0}, one channel', rate) : t('{0}, {1} channels', rate, channels);
}

function answerChecks({ engine: { model }, plan, watched }: Diagnosis, t: Translate): CheckView[] {
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
    check('decode', beside(answer.decode, predicted?.decode), 'measured', (answer.decode ?? 1) < 0.5),
    // A short prompt is no measure of the plan's prefill rate: no estimate beside it.
    check('prefill', beside(answer.prefill, undefined), 'measured'),
    check(
      'firstToken',
      answer.firstTokenSeconds === null ? undefined : t('{0} s', answer.firstTokenSeconds.toFixed(1)),
      'measured',
    ),
    check(
      'majorFaults',
      majorFaults === undefined ? undefined : formatCount(majorFaults),
      'measured',
      heavyFaults(watched),
    ),
    check('swap', swap, 'measured', heavySwap(watched)),
    ...(model && model.memory.vramBytes > 0
      ? [
          check(
            'vramAnswer',
            vramPeakBytes === undefined
              ? undefined
              : t(
                  '{0} by all programs, {1} of it the model’s',
                  formatBytes(vramPeakBytes),
                  formatBytes(model.memory.vramBytes),
                ),
            'measured',
          ),
          check(
            'spill',
            spilled === undefined ? undefined : spilled === 0 ? t('none') : formatBytes(spilled),
            'measured',
            (spilled ?? 0) > 0,
          ),
        ]
      : []),
  ];
}
