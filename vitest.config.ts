import { defineConfig } from 'vitest/config';
import { TierReporter } from './test/support/tierReporter';

const resultsFile = process.env['LAYERCAKE_RESULTS'];

const timedTests = 'test/engine/timed/**/*.test.ts';
const engineTests = {
  allowOnly: false,
  include: ['test/engine/**/*.test.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    reporters: ['default', ...(resultsFile === undefined ? [] : [new TierReporter(resultsFile)])],
    projects: [
      { test: { name: 'unit', allowOnly: false, include: ['test/unit/**/*.test.ts'], testTimeout: 10_000 } },
      {
        test: {
          name: 'engine',
          ...engineTests,
          exclude: [timedTests],
          // An engine here uses one core, and often waits.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'engineTimed',
          ...engineTests,
          include: [timedTests],
          // What measures the machine has it alone: another engine would share the cores.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          allowOnly: false,
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
