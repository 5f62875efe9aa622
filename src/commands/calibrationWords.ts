import type { Calibration } from '../protocol/engine';
import { formatBandwidth, formatCount } from '../status/format';
import type { Translate } from '../translate';

/** What a calibration measured, in one sentence; what it could not measure is left out. */
export function describeCalibration(calibration: Calibration, t: Translate): string {
  const { ramBytesPerSecond: ram, vramBytesPerSecond: vram, copyBytesPerSecond: copies } = calibration;
  const { cpuMultiplyAddsPerSecond: cpu, gpuMultiplyAddsPerSecond: gpu, seconds } = calibration;
  const found = [
    ram > 0 && t('RAM read at {0}', formatBandwidth(ram)),
    vram > 0 && t('VRAM read at {0}', formatBandwidth(vram)),
    copies > 0 && t('copies to the GPU at {0}', formatBandwidth(copies)),
    diskText(calibration, t),
    cpu > 0 && t('{0} billion multiply-adds a second on the CPU', billions(cpu)),
    gpu > 0 && t('{0} billion multiply-adds a second on the GPU', billions(gpu)),
  ];
  return t('Measured in {0} s: {1}.', seconds.toFixed(1), found.filter((part) => part !== false).join(', '));
}

function diskText({ diskBytesPerSecond, diskIsUpperBound }: Calibration, t: Translate): string | false {
  if (diskBytesPerSecond <= 0) return false;
  const rate = formatBandwidth(diskBytesPerSecond);
  return diskIsUpperBound === true ? t('disk read at {0} at most', rate) : t('disk read at {0}', rate);
}

function billions(perSecond: number): string {
  const amount = perSecond / 1e9;
  return amount < 10 ? amount.toFixed(1) : formatCount(Math.round(amount));
}
