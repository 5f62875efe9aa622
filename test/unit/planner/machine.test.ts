import { expect, it } from 'vitest';
import { assumedRates } from '../../../src/plan/assumedRates';
import { machineOf } from '../../../src/planner/machine';
import type { Calibration } from '../../../src/protocol/engine';

const seen = { backend: 'cpu' as const, devices: [], mathCores: 4 };
const ram = { totalBytes: 2 ** 35, availableBytes: 2 ** 34 };
const assumed = assumedRates({ backend: 'cpu', gpuName: undefined, physicalCores: 4 });
const calibration: Calibration = {
  ramBytesPerSecond: 20e9,
  vramBytesPerSecond: 0,
  copyBytesPerSecond: 0,
  diskBytesPerSecond: 0,
  cpuMultiplyAddsPerSecond: 1e11,
  gpuMultiplyAddsPerSecond: 0,
  offloadMinBatch: 32,
  seconds: 5,
};
const diskOf = (disk: Pick<Calibration, 'diskBytesPerSecond' | 'diskIsUpperBound'>) =>
  machineOf(seen, ram, { calibration: { ...calibration, ...disk } }).rates.diskBytesPerSecond;

it('plans by what was measured, and by what is assumed where nothing was', () => {
  expect(machineOf(seen, ram).rates).toEqual(assumed);
  const { rates } = machineOf(seen, ram, { calibration });
  expect(rates).toMatchObject({
    source: 'measured',
    ramBytesPerSecond: 20e9,
    cpuMultiplyAddsPerSecond: 1e11,
  });
  expect(rates.diskBytesPerSecond).toBe(assumed.diskBytesPerSecond);
});

it('takes a disk’s rate as it was measured, but an upper bound only where it is below the assumed rate', () => {
  expect(diskOf({ diskBytesPerSecond: 5e9, diskIsUpperBound: false })).toBe(5e9);
  expect(diskOf({ diskBytesPerSecond: 5e9, diskIsUpperBound: true })).toBe(assumed.diskBytesPerSecond);
  expect(diskOf({ diskBytesPerSecond: 2e8, diskIsUpperBound: true })).toBe(2e8);
});
