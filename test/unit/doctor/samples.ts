import type { Diagnosis, MachineReading } from '../../../src/doctor/diagnosis';
import type { MemoryModule } from '../../../src/doctor/memoryModules';
import type { Watched } from '../../../src/doctor/watch';
import type { Calibration, EngineInfo } from '../../../src/protocol/engine';
import { loadedModel } from '../../support/loadedModel';

export const GiB = 2 ** 30;

export const info: EngineInfo = {
  pid: 4711,
  libraryVersion: '3.22.1',
  llamaCppRelease: 'v0.5.0',
  nodeVersion: '22.0.0',
  backend: 'cuda',
  devices: [{ name: 'NVIDIA GeForce RTX 3060', totalBytes: 12 * GiB, freeBytes: 0.5 * GiB }],
  mathCores: 6,
};

export const module: MemoryModule = {
  bytes: 32 * GiB,
  kind: 'DDR5',
  ratedSpeed: 6000,
  speed: 4800,
  width: 64,
  channel: '0/A',
};

export const calibration: Calibration = {
  ramBytesPerSecond: 52e9,
  vramBytesPerSecond: 250e9,
  copyBytesPerSecond: 11e9,
  diskBytesPerSecond: 2.1e9,
  cpuMultiplyAddsPerSecond: 300e9,
  gpuMultiplyAddsPerSecond: 9e12,
  offloadMinBatch: 32,
  seconds: 8,
};

export function machineReading(changes: Partial<MachineReading> = {}): MachineReading {
  return {
    hardware: {
      gpus: [
        {
          name: 'NVIDIA GeForce RTX 3060',
          totalBytes: 12 * GiB,
          usedBytes: 11.4 * GiB,
          source: 'nvidia-smi',
        },
      ],
      ramTotalBytes: 64 * GiB,
      ramAvailableBytes: 27.5 * GiB,
      physicalCores: 6,
    },
    driver: 'NVIDIA 550.54.14',
    modules: [module, { ...module, channel: '0/B' }],
    cpuName: 'AMD Ryzen 5 7600',
    instructionSets: ['AVX-512', 'AVX2', 'FMA', 'F16C'],
    calibration,
    ...changes,
  };
}

export function watched(changes: Partial<Watched> = {}): Watched {
  return {
    answer: {
      promptTokens: 38,
      outputTokens: 32,
      prefill: 12.4,
      decode: 1.6,
      firstTokenSeconds: 3.1,
      seconds: 22.5,
    },
    counted: { majorFaults: 12, swapInBytes: 0, swapOutBytes: 0 },
    vramPeakBytes: 11.6 * GiB,
    processVram: undefined,
    ...changes,
  };
}

export function diagnosis(changes: Partial<Diagnosis> = {}): Diagnosis {
  return {
    engine: {
      info,
      model: loadedModel({ memory: { ramBytes: 30 * GiB, vramBytes: 10.8 * GiB } }),
      runtime: { path: '/usr/bin/node', kind: 'node', version: 'v22.0.0', source: 'path' },
    },
    machine: machineReading(),
    plan: undefined,
    watched: watched(),
    leftOut: undefined,
    failure: undefined,
    ...changes,
  };
}
