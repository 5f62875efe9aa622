import { deviceKey, type NamedDevices } from './deviceKey';
import type { Learned } from './learnedFile';
import type { Learned as LearnedOfDevices } from './machine';

/** What was learned of the devices at hand; undefined devices: nothing yet. */
export function learnedHere(info: NamedDevices | undefined, learned: Learned): LearnedOfDevices {
  if (info === undefined) return {};
  const key = deviceKey(info);
  const [calibration, residualBytes] = [learned.calibrations[key], learned.residuals[key]];
  return {
    ...(calibration !== undefined && { calibration }),
    ...(residualBytes !== undefined && { residualBytes }),
  };
}
