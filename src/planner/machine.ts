import type { RamReading } from '../hardware/memory';
import { assumedRates } from '../plan/assumedRates';
import type { Machine, MachineRates } from '../plan/machine';
import { isSoftwareGpu } from '../plan/softwareGpu';
import type { Backend, Calibration, EngineInfo } from '../protocol/engine';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/**
 * What a driver takes of VRAM beside llama.cpp's buffers until it is learned: a CUDA context was seen to take 107 to
 * 555 MiB by card. A device in software has none.
 */
const assumedResidual: Readonly<Record<Backend, number>> = {
  cuda: 256 * mebibyte,
  vulkan: 128 * mebibyte,
  metal: 0,
  cpu: 0,
};

/** RAM that system and editor keep for themselves on a machine that is only asked about. */
const reservedRam = 4 * gibibyte;

export interface Learned {
  calibration?: Calibration;
  /** VRAM beside llama.cpp's buffers, bytes. */
  residualBytes?: number;
}

/** The machine that the engine runs on. The library tells several GPUs as one. */
export function machineOf(
  { backend, devices, mathCores }: Pick<EngineInfo, 'backend' | 'devices' | 'mathCores'>,
  ram: RamReading,
  learned: Learned = {},
): Machine {
  const [gpu] = backend === 'cpu' ? [] : devices;
  const known = { backend, gpuName: gpu?.name, physicalCores: mathCores };
  return {
    backend,
    gpu,
    ram,
    physicalCores: mathCores,
    rates: learned.calibration === undefined ? assumedRates(known) : calibrated(learned.calibration, known),
    residual: residualOf(backend, gpu?.name, learned.residualBytes),
  };
}

/** A machine that is not at hand: a card of so much VRAM, all of it free, in a machine of so much RAM. */
export function imaginedMachine(
  wanted: { vramBytes: number; ramBytes: number | undefined },
  here: { ram: RamReading; physicalCores: number },
): Machine {
  const gpu = { name: 'GPU', totalBytes: wanted.vramBytes, freeBytes: wanted.vramBytes };
  const has = wanted.vramBytes > 0;
  const backend = has ? 'cuda' : 'cpu';
  return {
    backend,
    gpu: has ? gpu : undefined,
    ram: wanted.ramBytes === undefined ? here.ram : imaginedRam(wanted.ramBytes),
    physicalCores: here.physicalCores,
    rates: assumedRates({
      backend,
      gpuName: has ? gpu.name : undefined,
      physicalCores: here.physicalCores,
    }),
    residual: residualOf(backend, gpu.name, undefined),
  };
}

/** RAM that is not at hand, but for what a system keeps for itself. */
export function imaginedRam(totalBytes: number): RamReading {
  return { totalBytes, availableBytes: Math.max(totalBytes / 2, totalBytes - reservedRam) };
}

function residualOf(
  backend: Backend,
  gpuName: string | undefined,
  learnedBytes: number | undefined,
): Machine['residual'] {
  if (learnedBytes !== undefined) return { bytes: learnedBytes, source: 'learned' };
  const inSoftware = gpuName !== undefined && isSoftwareGpu(gpuName);
  return { bytes: inSoftware ? 0 : assumedResidual[backend], source: 'assumed' };
}

/** What a calibration could not tell keeps its assumed rate. */
function calibrated(
  calibration: Calibration,
  known: { backend: Backend; gpuName: string | undefined; physicalCores: number },
): MachineRates {
  const assumed = assumedRates(known);
  const measured = (name: Exclude<keyof MachineRates, 'source'>) => calibration[name] || assumed[name];
  return {
    source: 'measured',
    ramBytesPerSecond: measured('ramBytesPerSecond'),
    vramBytesPerSecond: measured('vramBytesPerSecond'),
    copyBytesPerSecond: measured('copyBytesPerSecond'),
    diskBytesPerSecond:
      calibration.diskIsUpperBound === true
        ? // It tells something only where it is slower than what is assumed anyway.
          Math.min(assumed.diskBytesPerSecond, measured('diskBytesPerSecond'))
        : measured('diskBytesPerSecond'),
    cpuMultiplyAddsPerSecond: measured('cpuMultiplyAddsPerSecond'),
    gpuMultiplyAddsPerSecond: measured('gpuMultiplyAddsPerSecond'),
    offloadMinBatch: measured('offloadMinBatch'),
  };
}
