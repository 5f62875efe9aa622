import type { CheckView } from '../protocol/doctor';
import type { Calibration } from '../protocol/engine';
import { backendName, describeFallback } from '../status/backend';
import { formatBandwidth, formatBytes, formatCount, formatShare } from '../status/format';
import type { Translate } from '../translate';
import { check } from './check';
import type { Diagnosis } from './diagnosis';
import { memorySpeed } from './memorySpeed';
import { lacksVectors } from './processor';

/** What was read of the machine. */
export function machineChecks({ engine: { info, runtime }, machine }: Diagnosis, t: Translate): CheckView[] {
  const { hardware, driver, modules, cpuName, instructionSets, calibration } = machine;
  const { gpus, ramTotalBytes, ramAvailableBytes, physicalCores } = hardware;
  const unstarted = { absence: 'notStarted' } as const;
  const unmeasured = { absence: 'notMeasured' } as const;
  const memory = modules && memorySpeed(modules);
  const cores = physicalCores === undefined ? undefined : t('{0} cores', physicalCores);
  const cards =
    gpus.length === 0
      ? // Without an engine nobody has looked for a card that only a GPU library sees.
        [check('gpu', info && t('none'), 'told', unstarted)]
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
    check('backend', backend, 'told', { ...unstarted, concern: info?.fallback !== undefined }),
    check(
      'runtime',
      runtime && `${runtime.kind === 'node' ? 'Node.js' : 'Electron'} ${runtime.version}`,
      'told',
      unstarted,
    ),
    check('ram', t('{0}, {1} free', formatBytes(ramTotalBytes), formatBytes(ramAvailableBytes)), 'measured', {
      concern: ramAvailableBytes < ramTotalBytes / 16,
    }),
    check('modules', modules && describeModules(modules), 'told', {
      concern: memory?.singleChannel === true,
    }),
    check('ramSpeed', memory && describeSpeed(memory, t), 'told', { concern: memory?.belowRated === true }),
    check(
      'ramRated',
      memory?.bandwidth === undefined ? undefined : formatBandwidth(memory.bandwidth),
      'estimated',
    ),
    check('ramMeasured', measuredRate(calibration?.ramBytesPerSecond), 'measured', unmeasured),
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
      { concern: lacksVectors(instructionSets) },
    ),
    check('disk', diskRate(calibration, t), 'measured', unmeasured),
  ];
}

/** A calibration tells 0 of what it could not measure. */
function measuredRate(bytesPerSecond: number | undefined): string | undefined {
  return bytesPerSecond === undefined || bytesPerSecond <= 0 ? undefined : formatBandwidth(bytesPerSecond);
}

function diskRate(calibration: Calibration | undefined, t: Translate): string | undefined {
  const rate = measuredRate(calibration?.diskBytesPerSecond);
  return rate !== undefined && calibration?.diskIsUpperBound === true ? t('at most {0}', rate) : rate;
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
