import { describe, expect, it } from 'vitest';
import { assumedRates } from '../../../src/plan/assumedRates';
import { predictRates } from '../../../src/plan/rates';
import type { PlanConfig } from '../../../src/protocol/engine';
import { GiB, machineWith, shapeFor, sizes } from './fixtures';
import { usualConfig as config } from '../../support/planConfig';

const typical = { promptTokens: 3000, answerTokens: 400 };
const rtx = machineWith(12, 64);

describe('predicted decode', () => {
  const shape = shapeFor(sizes.large);
  const decode = (gpuLayers: number) => predictRates({ ...config, gpuLayers }, shape, rtx, typical).decode;

  it('is the time to read the weights of both places once', () => {
    const onGpu = (layers: number) =>
      shape.layers.slice(81 - layers).reduce((sum, layer) => sum + layer.weightBytes, 0);
    const seconds = onGpu(20) / (0.7 * 360e9) + (onGpu(81) - onGpu(20)) / 45e9;
    expect(decode(20)).toBeCloseTo(1 / seconds, 6);
  });

  it.each([
    [17.8, 43, 4.4],
    [22.5, 35, 3.0],
    [31.9, 25, 1.8],
    [39.6, 20, 1.4],
    [53.9, 15, 0.9],
    [69.8, 12, 0.7],
  ])('of a 70B of %d GiB with %d layers on a 12 GB card is %d tok/s', (gib, gpuLayers, expected) => {
    const sized = shapeFor({ ...sizes.large, bytes: gib * GiB });
    const { decode } = predictRates({ ...config, gpuLayers }, sized, rtx, typical);
    expect(decode).toBeGreaterThan(expected * 0.93);
    expect(decode).toBeLessThan(expected * 1.07);
  });

  it('slows down as the context fills', () => {
    const rates = predictRates({ ...config, gpuLayers: 20 }, shape, rtx, typical);
    expect(rates.decodeFull).toBeLessThan(rates.decode);
    expect(rates.prefillFull).toBeLessThan(rates.prefill);
  });

  it('reads of the experts only those in use', () => {
    const experts = shapeFor(sizes.experts64);
    const all = { ...experts, experts: { count: 144, used: 144 } };
    const rate = (shape: typeof experts) => predictRates(config, shape, rtx, typical).decode;
    expect(rate(experts) / rate(all)).toBeGreaterThan(8);
    const onGpu = { ...config, gpuLayers: 49 };
    const beside = predictRates(onGpu, experts, rtx, typical, { cpuExpertLayers: 48 }).decode;
    expect(beside).toBeGreaterThan(rate(experts));
    expect(beside).toBeLessThan(predictRates(onGpu, experts, rtx, typical).decode);
  });

  it('waits for the disk where weights do not fit into RAM', () => {
    const paged = predictRates(config, shape, rtx, typical, { pagedBytes: 15e9 }).decode;
    expect(1 / paged - 1 / decode(0)).toBeCloseTo(10, 6);
  });

  it('is charged the slowdown of a quantised cache that was measured: 10 to 20 % at 1B on two cores', () => {
    const machine = machineWith(undefined, 24);
    const twoCores = {
      ...machine,
      rates: { ...machine.rates, cpuMultiplyAddsPerSecond: 2.2e11, ramBytesPerSecond: 38e9 },
    };
    const small = shapeFor(sizes.small);
    const at = (kvCacheType: PlanConfig['kvCacheType']) =>
      predictRates({ ...config, contextSize: 512, kvCacheType }, small, twoCores, {
        promptTokens: 512,
        answerTokens: 1,
      });
    expect(at('q8_0').decodeFull / at('f16').decodeFull).toBeGreaterThan(0.8);
    expect(at('q8_0').decodeFull / at('f16').decodeFull).toBeLessThan(0.9);
    expect(at('q8_0').prefill / at('f16').prefill).toBeGreaterThan(0.6);
    expect(at('q8_0').prefill / at('f16').prefill).toBeLessThan(0.8);
  });
});

describe('predicted prefill', () => {
  const shape = shapeFor(sizes.large);
  const seconds = (promptTokens: number, batchSize: number) =>
    promptTokens /
    predictRates({ ...config, gpuLayers: 20, batchSize }, shape, rtx, { promptTokens, answerTokens: 1 })
      .prefill;

  it('copies the weights once a batch, so that twice the batch saves half of the copies', () => {
    const cpuBytes = shape.layers.slice(0, 61).reduce((sum, layer) => sum + layer.weightBytes, 0);
    const saved = seconds(2048, 512) - seconds(2048, 1024);
    // The larger batch is also computed a little better.
    expect(saved).toBeGreaterThan((2 * cpuBytes) / 10e9);
    expect(saved).toBeLessThan((2 * cpuBytes) / 10e9 + 1.5);
  });

  it('computes a batch below the limit on the CPU', () => {
    expect(seconds(31, 512)).not.toBeCloseTo(seconds(32, 512), 1);
    const never = { ...rtx, rates: { ...rtx.rates, offloadMinBatch: 1_000_000 } };
    const at = (machine: typeof rtx) =>
      predictRates({ ...config, gpuLayers: 20 }, shape, machine, { promptTokens: 31, answerTokens: 1 })
        .prefill;
    expect(at(never)).toBe(at(rtx));
  });

  it('never takes more of the attention than a sliding window keeps', () => {
    const windowed = {
      ...shape,
      layers: shape.layers.map((layer) => ({ ...layer, window: 1024 })),
    };
    const full = predictRates({ ...config, contextSize: 65_536 }, windowed, rtx, typical);
    expect(full.decodeFull).toBeCloseTo(
      predictRates({ ...config, contextSize: 1024 }, windowed, rtx, typical).decodeFull,
      6,
    );
  });
});

describe('assumed rates', () => {
  it('take the longer of two names, and none of a GPU where there is none', () => {
    const of = (gpuName: string) =>
      assumedRates({ backend: 'cuda', gpuName, physicalCores: 8 }).vramBytesPerSecond;
    expect(of('NVIDIA GeForce RTX 4060 Ti')).toBeCloseTo(0.7 * 288e9);
    expect(of('NVIDIA GeForce RTX 4060')).toBeCloseTo(0.7 * 272e9);
    expect(of('Something else')).toBeCloseTo(0.7 * 400e9);
    expect(assumedRates({ backend: 'cpu', gpuName: 'RTX 3060', physicalCores: 4 })).toMatchObject({
      source: 'assumed',
      vramBytesPerSecond: 0,
      copyBytesPerSecond: 0,
      gpuMultiplyAddsPerSecond: 0,
    });
  });
});
