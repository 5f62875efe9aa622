import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalBytes } from '../../../src/plan/memory';
import type { PlanRequest } from '../../../src/plan/plan';
import { solve } from '../../../src/plan/solve';
import { GiB, machineWith, requestFor, shapeFor, sizes } from './fixtures';

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const pins = fc
  .record({
    gpuLayers: optional(fc.integer({ min: 0, max: 17 })),
    contextSize: optional(fc.integer({ min: 256, max: 40_000 })),
    batchSize: optional(fc.constantFrom(64, 128, 300, 512, 2048)),
    kvCacheType: optional(fc.constantFrom('f16' as const, 'q8_0' as const, 'q4_0' as const)),
    flashAttention: optional(fc.boolean()),
    mmap: optional(fc.boolean()),
    threads: optional(fc.integer({ min: 1, max: 16 })),
    sequences: optional(fc.integer({ min: 1, max: 4 })),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));

const requests: fc.Arbitrary<PlanRequest> = fc
  .record({
    size: fc.constantFrom(...Object.values(sizes)),
    vram: optional(fc.integer({ min: 1, max: 48 })),
    ram: fc.integer({ min: 5, max: 128 }),
    gpuName: fc.constantFrom('RTX 3060', 'RTX 4090', 'Radeon', 'llvmpipe'),
    budget: optional(fc.double({ min: 0, max: 48, noNaN: true })),
    context: fc.integer({ min: 512, max: 100_000 }),
    pins: fc.oneof(fc.constant({}), pins),
    typical: fc.record({
      promptTokens: fc.integer({ min: 1, max: 20_000 }),
      answerTokens: fc.integer({ min: 1, max: 4_000 }),
    }),
  })
  .map(({ size, vram, ram, gpuName, budget, context, ...rest }) =>
    requestFor(shapeFor(size), machineWith(vram, ram, gpuName), {
      vramBudgetBytes: budget === undefined ? undefined : budget * GiB,
      contextWanted: context,
      ...rest,
    }),
  );

const runs = { numRuns: 300 };

describe('the solver, for any model, machine and pins', () => {
  it('never plans over the budget, over free VRAM, or with more held RAM than there is', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const plan = solve(request);
        if (plan.verdict === 'doesNotFit') return;
        const limit = Math.min(request.vramBudgetBytes ?? Infinity, request.machine.gpu?.freeBytes ?? 0);
        expect(totalBytes(plan.use.vram)).toBeLessThanOrEqual(limit);
        const available = request.machine.ram.availableBytes;
        if (plan.verdict === 'pagesFromDisk') {
          expect(plan.config.mmap).toBe(true);
          expect(totalBytes(plan.use.ram) - plan.use.ram.weights - plan.use.ram.experts).toBeLessThanOrEqual(
            available,
          );
        } else expect(totalBytes(plan.use.ram)).toBeLessThanOrEqual(available);
        expect(plan.rates.requestSeconds).toBeGreaterThan(0);
        expect(Number.isFinite(plan.rates.requestSeconds)).toBe(true);
      }),
      runs,
    );
  });

  it('keeps every pin, whether it fits or not', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { config, threads } = solve(request);
        // Without a GPU there is nothing to put layers on.
        const { gpuLayers, ...others } = request.pins;
        expect({ ...config, threads }).toMatchObject(
          request.machine.gpu === undefined ? { ...others, gpuLayers: 0 } : request.pins,
        );
        if (gpuLayers !== undefined && request.machine.gpu !== undefined)
          expect(config.gpuLayers).toBe(gpuLayers);
        if (config.kvCacheType !== 'f16' && request.pins.flashAttention === undefined) {
          expect(config.flashAttention).toBe(true);
        }
      }),
      runs,
    );
  });

  it('takes a second sequence where it costs little and all fits well, never more, and else says why not', () => {
    fc.assert(
      fc.property(requests, (request) => {
        fc.pre(request.pins.sequences === undefined);
        const free = solve(request);
        const pinned = (sequences: number) =>
          solve({ ...request, pins: { ...request.pins, contextSize: free.config.contextSize, sequences } });
        const one = pinned(1);
        if (free.config.sequences === 1) {
          expect(free.oneSequence === undefined).toBe(free.verdict === 'doesNotFit');
          expect(free.config.kvCacheType).toBe(one.config.kvCacheType);
          expect(free.config.gpuLayers).toBe(one.config.gpuLayers);
        } else {
          expect(free).toMatchObject({ verdict: 'fits', oneSequence: undefined, config: { sequences: 2 } });
          expect(free.config.kvCacheType).toBe(one.config.kvCacheType);
          expect(free.rates.requestSeconds).toBeLessThanOrEqual(one.rates.requestSeconds * 1.02);
        }
      }),
      runs,
    );
  });

  it('is never slower with more of a budget, nor does it fit less', () => {
    fc.assert(
      fc.property(requests, fc.double({ min: 0, max: 24, noNaN: true }), (request, moreGiB) => {
        const { vramBudgetBytes = 8 * GiB } = request;
        const less = solve({ ...request, vramBudgetBytes });
        const more = solve({ ...request, vramBudgetBytes: vramBudgetBytes + moreGiB * GiB });
        if (less.verdict === 'doesNotFit') return;
        expect(more.verdict).not.toBe('doesNotFit');
        expect(more.config.contextSize).toBeGreaterThanOrEqual(less.config.contextSize);
        // A larger context, or a cache of more bits, is worth more than time.
        const better =
          more.config.contextSize > less.config.contextSize || less.config.kvCacheType === 'q4_0';
        // A hundredth of the time is given away for memory, and two for a second sequence.
        const given = more.config.sequences > less.config.sequences ? 1.0101 * 1.0201 : 1.0101;
        if (!better) expect(more.rates.requestSeconds).toBeLessThanOrEqual(less.rates.requestSeconds * given);
      }),
      runs,
    );
  });
});
