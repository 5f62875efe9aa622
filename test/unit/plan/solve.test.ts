import { describe, expect, it } from 'vitest';
import { totalBytes } from '../../../src/plan/memory';
import { solve } from '../../../src/plan/solve';
import { fakeUse, GiB, machineWith, MiB, requestFor, shapeFor, sizes } from './fixtures';

describe('a plan', () => {
  const large = shapeFor(sizes.large);

  it('puts as many layers on the GPU as the budget holds, and says what one more would need', () => {
    const plan = solve(requestFor(large, machineWith(12, 64), { vramBudgetBytes: 11.5 * GiB }));
    const next = fakeUse(large, { ...plan.config, gpuLayers: plan.config.gpuLayers + 1 });
    const used = totalBytes(plan.use.vram);
    expect(plan).toMatchObject({ verdict: 'fits', reason: { kind: 'partlyOnGpu' }, cpuExpertLayers: 0 });
    expect(used).toBeLessThanOrEqual(11.5 * GiB);
    expect(plan.nextLayerBytes).toBe(totalBytes(next.vram) + 300 * MiB - used);
    expect(plan.nextLayerOverBytes).toBe(totalBytes(next.vram) + 300 * MiB - 11.5 * GiB);
    expect(plan.nextLayerOverBytes).toBeGreaterThan(0);
    expect(plan.use.vram.residual).toBe(300 * MiB);
    expect(plan.threads).toBe(7);
  });

  it('gives a layer for a larger batch where each batch copies the weights over PCIe', () => {
    const request = requestFor(large, machineWith(12, 64));
    const free = solve(request);
    const small = solve({ ...request, pins: { batchSize: 128 } });
    expect(free.config.batchSize).toBeGreaterThan(128);
    expect(free.config.gpuLayers).toBeLessThan(small.config.gpuLayers);
    expect(free.rates.requestSeconds).toBeLessThan(small.rates.requestSeconds);
  });

  it('takes the layer where prompts are short', () => {
    const request = requestFor(large, machineWith(12, 64), {
      typical: { promptTokens: 20, answerTokens: 400 },
    });
    expect(solve(request).config.gpuLayers).toBe(
      solve({ ...request, pins: { batchSize: 128 } }).config.gpuLayers,
    );
  });

  it('is wholly on the GPU where that fits, with the full cache', () => {
    const plan = solve(requestFor(shapeFor(sizes.medium), machineWith(12, 32)));
    expect(plan).toMatchObject({
      verdict: 'fits',
      reason: { kind: 'whollyOnGpu' },
      config: { gpuLayers: 33, kvCacheType: 'f16', flashAttention: true, mmap: true, contextSize: 8192 },
      nextLayerBytes: undefined,
      nextLayerOverBytes: undefined,
    });
  });

  it('never takes more than is free, whatever the budget', () => {
    const machine = machineWith(12, 64);
    const busy = { ...machine, gpu: { name: 'RTX 3060', totalBytes: 12 * GiB, freeBytes: 9 * GiB } };
    const plan = solve(requestFor(large, busy, { vramBudgetBytes: 11.5 * GiB }));
    expect(plan.vramBudgetBytes).toBe(9 * GiB);
    expect(totalBytes(plan.use.vram)).toBeLessThanOrEqual(9 * GiB);
  });

  it('reduces the context only where the wanted one fits nowhere, and says so', () => {
    const request = requestFor(shapeFor(sizes.medium), machineWith(undefined, 16), {
      contextWanted: 131_072,
    });
    const machine = { ...request.machine, ram: { totalBytes: 16 * GiB, availableBytes: 8 * GiB } };
    const plan = solve({ ...request, machine });
    expect(plan).toMatchObject({
      verdict: 'tight',
      reason: { kind: 'contextReduced', wanted: 131_072, contextSize: plan.config.contextSize },
    });
    expect(plan.config.contextSize % 256).toBe(0);
    const more = {
      ...plan.config,
      contextSize: plan.config.contextSize + 256,
      kvCacheType: 'q4_0' as const,
      batchSize: 128,
    };
    expect(totalBytes(fakeUse(request.shape, more, false).ram)).toBeGreaterThan(8 * GiB);
  });

  it('takes a 4-bit cache before it takes less context', () => {
    const request = requestFor(shapeFor(sizes.medium), machineWith(undefined, 16), { contextWanted: 65_536 });
    const machine = { ...request.machine, ram: { totalBytes: 16 * GiB, availableBytes: 8 * GiB } };
    const plan = solve({ ...request, machine });
    expect(plan.config).toMatchObject({ contextSize: 65_536, kvCacheType: 'q4_0', flashAttention: true });
  });

  it('leaves the GPU alone where it is slower than the CPU', () => {
    const plan = solve(requestFor(shapeFor(sizes.small), machineWith(2, 24, 'llvmpipe (LLVM 15)')));
    expect(plan.config.gpuLayers).toBe(0);
    expect(plan.reason).toMatchObject({ kind: 'cpuOnly', why: 'budget' });
    expect(plan.nextLayerOverBytes).toBe(0);
  });

  it('places a draft model on the GPU and counts it', () => {
    const draft = shapeFor(sizes.small);
    const request = requestFor(large, machineWith(12, 64));
    const plan = solve({ ...request, draft });
    expect(plan.use.vram.draft).toBeGreaterThan(0.8 * GiB - draft.inputBytes);
    expect(plan.use.ram.draft).toBe(draft.inputBytes);
    expect(plan.config.gpuLayers).toBeLessThan(solve(request).config.gpuLayers);
  });

  it('answers in less than 50 ms', () => {
    const request = requestFor(shapeFor(sizes.dense64), machineWith(12, 32), { contextWanted: 131_072 });
    solve(request);
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      solve(request);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe('what does not fit', () => {
  it('is refused with the closest configuration', () => {
    const plan = solve(
      requestFor(shapeFor(sizes.large), machineWith(12, 64), { vramBudgetBytes: 100 * MiB }),
    );
    expect(plan).toMatchObject({
      verdict: 'doesNotFit',
      reason: { kind: 'overBudget', budgetBytes: 100 * MiB },
      config: { gpuLayers: 0, batchSize: 128, contextSize: 512 },
    });
  });

  it('is a file over RAM on the CPU alone, where the weights are repacked', () => {
    const request = requestFor(shapeFor(sizes.large), machineWith(undefined, 24));
    expect(solve(request)).toMatchObject({
      verdict: 'doesNotFit',
      reason: { kind: 'overRam', availableBytes: 21 * GiB },
    });
    const mapped = { ...request.shape, repackedBytes: 0 };
    expect(solve({ ...request, shape: mapped })).toMatchObject({
      verdict: 'pagesFromDisk',
      reason: { kind: 'weightsOverRam' },
    });
  });

  it('is a file over RAM beside a GPU only where it is not mapped', () => {
    const request = requestFor(shapeFor(sizes.large), machineWith(8, 24));
    expect(solve(request).verdict).toBe('pagesFromDisk');
    expect(solve({ ...request, pins: { mmap: false } })).toMatchObject({
      verdict: 'doesNotFit',
      reason: { kind: 'overRam' },
      config: { mmap: false },
    });
  });

  it('is what pins forbid', () => {
    const request = requestFor(shapeFor(sizes.medium), machineWith(12, 32));
    expect(
      solve({ ...request, pins: { gpuLayers: 33, contextSize: 131_072, kvCacheType: 'f16' } }),
    ).toMatchObject({
      verdict: 'doesNotFit',
      reason: { kind: 'overBudget' },
      config: { gpuLayers: 33, contextSize: 131_072, kvCacheType: 'f16' },
    });
    expect(solve({ ...request, pins: { kvCacheType: 'q8_0', flashAttention: false } })).toMatchObject({
      verdict: 'doesNotFit',
      reason: { kind: 'cacheNeedsFlashAttention', kvCacheType: 'q8_0' },
    });
    const cpu = requestFor(shapeFor(sizes.medium), machineWith(undefined, 32), { pins: { gpuLayers: 5 } });
    expect(solve(cpu)).toMatchObject({
      verdict: 'fits',
      reason: { kind: 'layersWithoutGpu', gpuLayers: 5 },
      config: { gpuLayers: 0, kvCacheType: 'f16' },
    });
  });
});
