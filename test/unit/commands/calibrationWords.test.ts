import { expect, it } from 'vitest';
import { describeCalibration } from '../../../src/commands/calibrationWords';
import type { Calibration } from '../../../src/protocol/engine';
import { translate } from '../models/translate';

const all: Calibration = {
  ramBytesPerSecond: 48.3e9,
  vramBytesPerSecond: 301e9,
  copyBytesPerSecond: 12.5e9,
  diskBytesPerSecond: 1.32e9,
  cpuMultiplyAddsPerSecond: 1.46e11,
  gpuMultiplyAddsPerSecond: 1.03e13,
  offloadMinBatch: 32,
  seconds: 6.31,
};

it('names each measured rate with its unit', () => {
  expect(describeCalibration(all, translate)).toBe(
    'Measured in 6.3 s: RAM read at 48.3 GB/s, VRAM read at 301.0 GB/s, copies to the GPU at 12.5 GB/s, disk read at 1.3 GB/s, 146 billion multiply-adds a second on the CPU, 10,300 billion multiply-adds a second on the GPU.',
  );
});

it('leaves out what there is not, and says where the disk may be slower', () => {
  const none = { vramBytesPerSecond: 0, copyBytesPerSecond: 0, gpuMultiplyAddsPerSecond: 0 };
  const cpu = { ...all, ...none, cpuMultiplyAddsPerSecond: 4.2e9, diskIsUpperBound: true };
  expect(describeCalibration(cpu, translate)).toBe(
    'Measured in 6.3 s: RAM read at 48.3 GB/s, disk read at 1.3 GB/s at most, 4.2 billion multiply-adds a second on the CPU.',
  );
  expect(describeCalibration({ ...cpu, diskBytesPerSecond: 0 }, translate)).not.toContain('disk');
});
