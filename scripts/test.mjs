// npm test: every tier, or those that are named, and one line over all of them. Node built-ins only at the top.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { node, root, run, seconds, step } from './childProcess.mjs';
import { ensureInstalled } from './install.mjs';

const resultsFolder = path.join(root, '.test-results');
const tierLimitMs = 12 * 60_000;

const build = once(() => step('Building', () => node(['esbuild.mjs', '--tests'])));
const vsix = once(async () => {
  await build();
  const { packageVsix } = await import('./package.mjs');
  return step('Packaging', () => packageVsix());
});
/** Where it is, or why it cannot be had, as tests are told it. */
const starter = once(async () => {
  const { ensureStarter } = await import('./starter.mjs');
  const { path: file, reason } = await step('Getting the starter model', ensureStarter);
  if (reason !== undefined) console.log(`  ${reason}`);
  return { LAYERCAKE_STARTER: file, LAYERCAKE_NO_STARTER: reason };
});
const server = once(async () => (await import('./vscodeServerInstall.mjs')).ensureServer());

/** Each runs a tier, whose counts go to the file. What keeps it from running is thrown. Vitest's exit code is passed on. */
const tiers = {
  static: async (file) => {
    const { runStaticChecks } = await import('./staticChecks.mjs');
    await writeFile(file, JSON.stringify(await runStaticChecks({ build, vsix })));
  },
  unit: (file) => vitest('unit', file),
  engine: async (file) => {
    await build();
    return vitest('engine*', file, await starter());
  },
  host: async (file) => {
    await build();
    const { runHostTests } = await import('./hostTests.mjs');
    await runHostTests(file);
  },
  e2e: async (file) => {
    const [built] = await Promise.all([vsix(), server()]);
    return vitest('e2e', file, { LAYERCAKE_VSIX: built, ...(await starter()) });
  },
};

async function vitest(project, file, env = {}) {
  const script = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { code } = await run(process.execPath, [script, 'run', '--project', project], {
    env: { LAYERCAKE_RESULTS: file, VITE_CONFIG_NATIVE_IGNORE_WARNING: 'true', ...env },
    timeoutMs: tierLimitMs,
  });
  return code;
}

/** Runs one tier. One that did not run to its end, ran nothing, or skipped without a reason counts as one failure. */
async function runTier(name) {
  console.log(`\n━━━ ${name} ━━━`);
  const file = path.join(resultsFolder, `${name}.json`);
  const started = performance.now();
  await rm(file, { force: true });
  let problem;
  let code = 0;
  try {
    code = (await tiers[name](file)) ?? 0;
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  const counts = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  const { passed, failed, skipped, skips } = counts ?? { passed: 0, failed: 0, skipped: 0, skips: [] };
  if (counts === undefined) problem ??= 'it left no results';
  else if (code !== 0 && failed === 0) problem ??= `it ended with code ${code}`;
  else if (passed + failed === 0) problem ??= 'it ran no test';
  const silent = skips.find(({ reason }) => reason === 'no reason given');
  if (silent !== undefined && failed === 0) problem ??= `"${silent.title}" is skipped without a reason`;
  if (problem !== undefined) console.error(`${name}: ${problem}`);
  const ms = performance.now() - started;
  return { name, passed, failed: failed + (problem === undefined ? 0 : 1), skipped, skips, problem, ms };
}

function report(results) {
  console.log('');
  for (const { name, passed, failed, skipped, problem, ms } of results) {
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(`${name.padEnd(7)} ${counts} (${seconds(ms)})${problem === undefined ? '' : `: ${problem}`}`);
  }
  const skips = results.flatMap(({ name, skips: own }) => own.map((skip) => ({ name, ...skip })));
  if (skips.length > 0) console.log('\nSkipped:');
  for (const { name, title, reason } of skips) console.log(`  ${name}: ${title} (${reason})`);
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  if (sum('failed') > 0) process.exitCode = 1;
}

/** Does the work at the first call; later ones get the same outcome. */
function once(work) {
  let outcome;
  return () => (outcome ??= work());
}

async function main() {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(tiers);
  const unknown = names.filter((name) => !Object.hasOwn(tiers, name));
  if (unknown.length > 0) {
    throw new Error(
      `There is no tier "${unknown.join('", "')}"; the tiers are ${Object.keys(tiers).join(', ')}.`,
    );
  }
  await ensureInstalled();
  await mkdir(resultsFolder, { recursive: true });
  const results = [];
  for (const name of names) results.push(await runTier(name));
  report(results);
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
