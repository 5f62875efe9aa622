import type { Machine, MachineRates } from '../../plan/machine';
import type { Calibration } from '../../protocol/engine';

type RateName = Exclude<keyof MachineRates, 'source' | 'offloadMinBatch'>;

/** What each rate is of. */
const rates: Readonly<Record<RateName, { name: string; needsGpu: boolean }>> = {
  ramBytesPerSecond: { name: 'RAM', needsGpu: false },
  cpuMultiplyAddsPerSecond: { name: 'CPU', needsGpu: false },
  vramBytesPerSecond: { name: 'VRAM', needsGpu: true },
  gpuMultiplyAddsPerSecond: { name: 'GPU', needsGpu: true },
  copyBytesPerSecond: { name: 'copies to the GPU', needsGpu: true },
  diskBytesPerSecond: { name: 'disk', needsGpu: false },
};

export interface RateSources {
  measured: string[];
  assumed: string[];
}

/** Which rates of the machine a calibration measured; the others are those of such hardware. */
export function rateSources({ gpu }: Machine, calibration: Calibration | undefined): RateSources {
  const used = (Object.keys(rates) as RateName[]).filter((key) => gpu !== undefined || !rates[key].needsGpu);
  const isMeasured = (key: RateName) => (calibration?.[key] ?? 0) > 0;
  const name = (key: RateName) => rates[key].name;
  return {
    measured: used.filter(isMeasured).map(name),
    assumed: used.filter((key) => !isMeasured(key)).map(name),
  };
}
