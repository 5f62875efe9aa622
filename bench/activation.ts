import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { median, type Figure } from './figure';

const windows = 5;

/** Time that `activate()` takes in a real extension host, over several windows, each with a host of its own. */
export function benchActivation(): Promise<Figure[]> {
  const times = Array.from({ length: windows }, activateOnce);
  const value = median(times);
  return Promise.resolve([
    { name: 'activate()', value, unit: 'ms', peer: null, bar: '< 30 ms', pass: value < 30 },
  ]);
}

function activateOnce(): number {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/hostTests.mjs'], {
    encoding: 'utf8',
    env: {
      ...process.env,
      LAYERCAKE_SUITES: 'activation',
      LAYERCAKE_RESULTS: path.resolve('.test-results/activation.json'),
    },
  });
  const ms = /activate\(\) took ([\d.]+) ms/.exec(stdout)?.[1];
  if (ms === undefined) throw new Error(`The editor told no activation time.\n${stdout}${stderr}`);
  return Number(ms);
}
