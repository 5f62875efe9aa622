import { describe, expect, it } from 'vitest';
import type { PlanFacts } from '../../../src/doctor/diagnosis';
import { findingsOf } from '../../../src/doctor/findings';
import { advise } from '../../../src/plan/advice';
import { solve } from '../../../src/plan/solve';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';
import { fakeOracle, machineWith, requestFor, shapeFor, sizes } from '../plan/fixtures';
import { calibration, diagnosis, GiB, info, machineReading, module, watched } from './samples';

const find = (changes: Parameters<typeof diagnosis>[0] = {}) => findingsOf(diagnosis(changes), translate);

function facts(size: Parameters<typeof shapeFor>[0], vram: number, ram: number): PlanFacts {
  const request = requestFor(shapeFor(size), machineWith(vram, ram));
  const plan = solve(request);
  const oracleOf = (shape: typeof request.shape) => fakeOracle(shape);
  return { request, plan, advice: advise(request, plan, { oracleOf }) };
}

/** "Estimated: 2.1 tok/s instead of 1.6 tok/s." as numbers. */
function gainOf(text: string | undefined): [to: number, from: number] | undefined {
  const match = /Estimated: ([\d.]+) tok\/s instead of ([\d.]+)/.exec(text ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

const quiet = { machine: machineReading({ modules: undefined }) };

describe('findings', () => {
  it('are none where all is well', () => {
    expect(find(quiet)).toEqual([]);
  });

  it('name a memory profile that is off, with what it would bring to the measured rate', () => {
    const [finding, ...rest] = find({ plan: { ...facts(sizes.large, 12, 64), advice: [] } });
    expect(rest).toEqual([]);
    expect(finding?.text).toContain(
      'The memory runs at 4,800 MT/s and can do 6,000: switch its profile (XMP or EXPO) on in the firmware’s setup.',
    );
    expect(finding?.action).toBeUndefined();
    const [to, from] = gainOf(finding?.text) ?? [0, 0];
    expect(from).toBe(1.6);
    // A quarter more of RAM's rate, and nothing more of VRAM's.
    expect(to).toBeGreaterThan(1.6 * 1.15);
    expect(to).toBeLessThanOrEqual(1.6 * 1.25);
  });

  it('name a single channel before a profile: it brings more', () => {
    const machine = machineReading({ modules: [module] });
    const found = find({ machine, plan: { ...facts(sizes.large, 12, 64), advice: [] } });
    expect(found.map(({ text }) => text.split(':')[0])).toEqual([
      'All of the memory is on one channel',
      'The memory runs at 4,800 MT/s and can do 6,000',
    ]);
    const gains = found.map(({ text }) => gainOf(text)?.[0] ?? 0);
    expect(gains[0]).toBeGreaterThan(gains[1] ?? Infinity);
  });

  it('predict nothing without a plan', () => {
    expect(find().map(({ text }) => gainOf(text))).toEqual([undefined]);
  });

  it('put what goes wrong now first, with fewer layers against a spill', () => {
    const spilling = watched({ processVram: { dedicatedBytes: 9 * GiB, sharedBytes: 3 * GiB } });
    const [first] = find({ watched: spilling, plan: facts(sizes.large, 12, 64) });
    expect(first?.text).toContain('1.8 GiB of what should be in VRAM has spilled into system memory');
    expect(first?.action).toBe('setGpuLayers');
  });

  it('name swapping, and what the rate would be without it', () => {
    const swapping = watched({
      answer: { ...watched().answer, decode: 0.2 },
      counted: { majorFaults: 90_000, swapInBytes: 2 * GiB, swapOutBytes: GiB },
    });
    const plan = facts(sizes.large, 12, 64);
    const [first] = find({ watched: swapping, plan, machine: quiet.machine });
    expect(first?.text).toMatch(/^The machine swapped while the model answered: 2\.0 GiB were read back/);
    expect(first?.action).toBe('openSettings');
    expect(gainOf(first?.text)).toEqual([Number(plan.plan.rates.decode.toFixed(1)), 0.2]);
  });

  it('name paging from the disk', () => {
    const paging = watched({ counted: { majorFaults: 90_000, swapInBytes: 0, swapOutBytes: 0 } });
    expect(find({ watched: paging, ...quiet })[0]).toEqual({
      text: 'Parts of the model were read from the disk while it answered (90,000 page faults). It is larger than the RAM that is free: close other programs, or choose a smaller file.',
      action: 'chooseModel',
    });
  });

  it('tell a first reading from paging', () => {
    const paging = watched({ counted: { majorFaults: 90_000, swapInBytes: 0, swapOutBytes: 0 } });
    const hardware = { ...quiet.machine.hardware, ramAvailableBytes: 40 * GiB };
    const [finding] = find({ watched: paging, machine: { ...quiet.machine, hardware } });
    expect(finding?.text).toContain('for the first time while it answered (90,000 page faults)');
    expect(finding?.action).toBeUndefined();
  });

  it('pass the plan’s advice on, each with a button that does it where one can', () => {
    const plan = facts(sizes.dense64, 12, 32);
    const found = find({ plan, ...quiet });
    expect(found).toHaveLength(plan.advice.length);
    expect(found.length).toBeGreaterThan(0);
    for (const { text } of found) expect(text).toContain('Estimated: ');
    expect(found.find(({ text }) => text.startsWith('Have '))?.action).toBeUndefined();
  });

  it('name what the set-up lacks', () => {
    const engine = {
      info: {
        ...info,
        backend: 'cpu' as const,
        fallback: { wanted: 'cuda' as const, cause: 'unavailable' as const, detail: 'no driver' },
      },
      model: undefined,
      runtime: undefined,
    };
    const machine = machineReading({
      ...{ modules: undefined, calibration: undefined },
      instructionSets: ['AVX'],
    });
    const found = find({ engine, machine, watched: undefined, leftOut: 'notLoaded' });
    expect(found.map(({ text, action }) => [text.slice(0, 40), action])).toEqual([
      ['CUDA could not be used; the model runs o', 'showLog'],
      ['The model is not loaded, so nothing coul', 'loadModel'],
      ['The CPU, or the virtual machine, lacks A', undefined],
      ['This machine’s rates have not been measu', 'calibrate'],
    ]);
  });

  it('say that a card lies idle', () => {
    const engine = { ...diagnosis().engine, model: loadedModel({ gpuLayers: 0 }) };
    expect(find({ engine, ...quiet })).toEqual([
      { text: 'No layers are on the GPU: all of the model is read from RAM.', action: 'setGpuLayers' },
    ]);
  });

  it('doubt a measured bandwidth that is far below the rated one', () => {
    const machine = machineReading({
      modules: [
        { ...module, ratedSpeed: 4800 },
        { ...module, ratedSpeed: 4800, channel: '0/B' },
      ],
      calibration: { ...calibration, ramBytesPerSecond: 20e9 },
    });
    const [finding] = find({ machine });
    expect(finding?.text).toContain('reads RAM at 20.0 GB/s, less than half of the 76.8 GB/s');
    expect(finding?.action).toBe('calibrate');
    const unmeasured = machineReading({ ...machine, calibration: { ...calibration, ramBytesPerSecond: 0 } });
    expect(find({ machine: unmeasured })).toEqual([]);
  });
});
