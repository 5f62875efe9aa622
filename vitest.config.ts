import { defineConfig } from 'vitest/config';
import { TierReporter } from './test/support/tierReporter';

const resultsFile = process.env['LAYERCAKE_RESULTS'];

export default defineConfig({
  test: {
    reporters: ['default', ...(resultsFile === undefined ? [] : [new TierReporter(resultsFile)])],
    projects: [
      { test: { name: 'unit', allowOnly: false, include: ['test/unit/**/*.test.ts'], testTimeout: 10_000 } },
      {
        test: {
          name: 'engine',
          allowOnly: false,
          include: ['test/engine/**/*.test.ts'],
          // One engine at a time: two would share the cores, and time limits would mean nothing.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          allowOnly: false,
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
