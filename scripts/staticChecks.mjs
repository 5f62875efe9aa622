// The checks that run no test: types, lint, format, and what is in the package and the bundles.
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { root, run, seconds } from './childProcess.mjs';

/** Of what the editor loads to activate the extension, bytes. */
const bundleLimit = 400_000;

/** Files without which the package is broken. */
const expected = [
  'package.json',
  'package.nls.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'dist/extension/main.mjs',
  'dist/engine.mjs',
  'dist/fetch.mjs',
  'dist/quantize.mjs',
  'dist/webview/chat.js',
  'dist/webview/settings.js',
  'media/l10n/chat.en.json',
  'node_modules/node-llama-cpp/package.json',
  'node_modules/node-llama-cpp/dist/index.js',
  'node_modules/koffi/index.js',
];

/** What may not be in the package, and why. */
const unwanted = [
  [/(^|\/)(react|react-dom|scheduler)\//, 'React'],
  [/(^|\/)@microsoft\//, 'parts of the UI toolkit that are bundled already'],
  [/(^|\/)(test|tests|__mocks__)\/|\.(test|spec)\.\w+$/, 'tests'],
  [/^(src|webview|bench|scripts)\/|\.(ts|tsx|mts|cts|cpp|h|cmake|bundle)$/, 'sources'],
  [/\.map$/, 'source maps'],
  [/^node_modules\/(typescript|\.bin)\//, 'build tools'],
];

/**
 * Runs all checks; each prints its line, and its output where it fails.
 *
 * @param {{ build: () => Promise<void>, vsix: () => Promise<string> }} products
 * @returns {Promise<{ passed: number, failed: number, skipped: number, skips: never[] }>}
 */
export async function runStaticChecks(products) {
  const tool = (file, ...args) => runTool(path.join(root, 'node_modules', file), args);
  const checks = [
    ['lint', () => tool('eslint/bin/eslint.js', '.', '--max-warnings', '0')],
    ['types of the extension and the tests', () => tool('typescript/bin/tsc', '-p', '.')],
    ['types of the pages', () => tool('typescript/bin/tsc', '-p', 'webview')],
    ['format', () => tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
    ['bundle of the extension host', () => products.build().then(checkBundle)],
    ['contents of the package', () => products.vsix().then(checkPackage)],
  ];
  const result = { passed: 0, failed: 0, skipped: 0, skips: [] };
  const runOne = async ([title, check]) => {
    const started = performance.now();
    try {
      await check();
      result.passed++;
      console.log(` ✓ ${title} (${seconds(performance.now() - started)})`);
    } catch (error) {
      result.failed++;
      console.log(` ✗ ${title} (${seconds(performance.now() - started)})\n${error.message}`);
    }
  };
  // Each takes one core; the longest is begun first.
  const worker = async () => {
    for (let next = checks.shift(); next !== undefined; next = checks.shift()) await runOne(next);
  };
  await Promise.all([worker(), worker()]);
  return result;
}

async function runTool(script, args) {
  const { code, output } = await run(process.execPath, [script, ...args], { capture: true });
  if (code !== 0) throw new Error(output.trim() || `It ended with code ${code}.`);
}

/** Small, and with nothing in it that is loaded beside it: no package, no native module. */
async function checkBundle() {
  const folder = path.join(root, 'dist/extension');
  const known = new Set(['vscode', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
  const texts = new Map();
  const atStart = new Set();
  const read = async (name, isAtStart) => {
    if (isAtStart ? atStart.has(name) : texts.has(name)) return;
    const text = texts.get(name) ?? (await readFile(path.join(folder, name), 'utf8'));
    texts.set(name, text);
    if (isAtStart) atStart.add(name);
    for (const { specifier, isStatic } of importsOf(text)) {
      if (specifier.startsWith('./')) await read(specifier.slice(2), isAtStart && isStatic);
      else if (!known.has(specifier)) throw new Error(`dist/extension/${name} loads ${specifier}.`);
    }
  };
  await read('main.mjs', true);
  const bytes = [...atStart].reduce((sum, name) => sum + Buffer.byteLength(texts.get(name)), 0);
  if (bytes >= bundleLimit)
    throw new Error(`The extension loads ${bytes} bytes to start; the limit is ${bundleLimit}.`);
}

/** What a minified module imports, exports of others and calls of `require` included; texts that speak of imports not. */
function importsOf(text) {
  const statics = [...text.matchAll(/\b(?:from|import)\s*["']([^"'$]+)["']/g)];
  const calls = [...text.matchAll(/\b(?:require|import)\(\s*["'`]([^"'`$]+)["'`]\s*\)/g)];
  if (statics.length === 0) throw new Error('No import was found in a bundle; this check is out of date.');
  return [
    ...statics.map(([, specifier]) => ({ specifier, isStatic: true })),
    ...calls.map(([, specifier]) => ({ specifier, isStatic: false })),
  ];
}

async function checkPackage(vsix) {
  const files = await listPackage(vsix);
  const problems = [
    ...expected.filter((file) => !files.includes(file)).map((file) => `Missing: ${file}`),
    ...unwanted.flatMap(([pattern, what]) => {
      const found = files.filter((file) => pattern.test(file));
      return found.length === 0 ? [] : [`Not to be shipped, ${what}: ${found.slice(0, 5).join(', ')}`];
    }),
  ];
  if (!files.some((file) => file.endsWith('/llama-addon.node')))
    problems.push("Missing: llama.cpp's binaries");
  if (!files.some((file) => file.endsWith('/koffi.node'))) problems.push("Missing: koffi's binary");
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Paths in a VSIX, below `extension/`. */
async function listPackage(vsix) {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(vsix, { lazyEntries: true });
  const files = [];
  for await (const entry of zip.eachEntry()) files.push(entry.fileName);
  return files.filter((file) => file.startsWith('extension/')).map((file) => file.slice('extension/'.length));
}
