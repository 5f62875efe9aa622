import { describe, expect, it } from 'vitest';
import { checksOf } from '../../../src/doctor/checks';
import { translate } from '../models/translate';
import { calibration, diagnosis, GiB, info, machineReading, module, watched } from './samples';

const rows = (changes: Parameters<typeof diagnosis>[0] = {}) =>
  checksOf(diagnosis(changes), translate).map(({ id, value, source, concern }) =>
    [id, value ?? 'not told', source, ...(concern ? ['!'] : [])].join(' | '),
  );

describe('checks', () => {
  it('tell the whole machine and the answer, each figure with its source', () => {
    expect(rows()).toEqual([
      'gpu | NVIDIA GeForce RTX 3060 | told',
      'vram | 11.4/12.0 GiB in use | measured',
      'driver | NVIDIA 550.54.14 | told',
      'backend | CUDA, llama.cpp v0.5.0 | told',
      'runtime | Node.js v22.0.0 | told',
      'ram | 64.0 GiB, 27.5 GiB free | measured',
      'modules | 2 × 32 GiB DDR5 | told',
      'ramSpeed | 4,800 of 6,000 MT/s, 2 channels | told | !',
      'ramRated | 76.8 GB/s | estimated',
      'ramMeasured | 52.0 GB/s | measured',
      'vramMeasured | 250.0 GB/s | measured',
      'copyMeasured | 11.0 GB/s | measured',
      'cpu | AMD Ryzen 5 7600, 6 cores | told',
      'instructions | AVX-512, AVX2, FMA, F16C | told',
      'disk | 2.1 GB/s | measured',
      'decode | 1.6 tok/s | measured',
      'prefill | 12 tok/s | measured',
      'firstToken | 3.1 s | measured',
      'majorFaults | 12 | measured',
      'swap | 0 MiB read, 0 MiB written | measured',
      'vramAnswer | 11.6 GiB by all programs, 10.8 GiB of it the model’s | measured',
      'spill | not told | notTold',
    ]);
  });

  it('say "not told" where nothing is, before an engine runs', () => {
    const machine = machineReading({
      hardware: { gpus: [], ramTotalBytes: 16 * GiB, ramAvailableBytes: 8 * GiB, physicalCores: undefined },
      ...{ driver: undefined, modules: undefined, cpuName: undefined, instructionSets: undefined },
      calibration: undefined,
    });
    const engine = { info: undefined, model: undefined, runtime: undefined };
    expect(rows({ machine, engine, watched: undefined })).toEqual([
      'gpu | not told | notStarted',
      'backend | not told | notStarted',
      'runtime | not told | notStarted',
      'ram | 16.0 GiB, 8.0 GiB free | measured',
      'modules | not told | notTold',
      'ramSpeed | not told | notTold',
      'ramRated | not told | notTold',
      'ramMeasured | not told | notMeasured',
      'cpu | not told | notTold',
      'instructions | not told | notTold',
      'disk | not told | notMeasured',
    ]);
  });

  it('say that a disk read through the system’s cache may be slower', () => {
    const through = { ...calibration, diskBytesPerSecond: 6.2e9, diskIsUpperBound: true };
    expect(rows({ machine: machineReading({ calibration: through }) })).toContain(
      'disk | at most 6.2 GB/s | measured',
    );
  });

  it('raise what costs speed', () => {
    const concerns = checksOf(
      diagnosis({
        engine: {
          ...diagnosis().engine,
          info: { ...info, backend: 'cpu', fallback: { wanted: 'cuda', cause: 'unavailable', detail: '' } },
        },
        machine: machineReading({
          modules: [{ ...module, speed: 6000 }],
          instructionSets: ['AVX'],
          calibration: { ...calibration, diskBytesPerSecond: 0 },
        }),
        watched: watched({
          answer: { ...watched().answer, decode: 0.31 },
          counted: { majorFaults: 40_000, swapInBytes: GiB, swapOutBytes: GiB },
          processVram: { dedicatedBytes: 9.8 * GiB, sharedBytes: 2 * GiB },
        }),
      }),
      translate,
    ).filter(({ concern }) => concern);
    expect(concerns.map(({ id, value }) => `${id}: ${value}`)).toEqual([
      'backend: CUDA could not be used; the model runs on the CPU alone.',
      'modules: 1 × 32 GiB DDR5',
      'instructions: AVX',
      'decode: 0.31 tok/s',
      'majorFaults: 40,000',
      'swap: 1.0 GiB read, 1.0 GiB written',
      'spill: 1.0 GiB',
    ]);
  });
});
