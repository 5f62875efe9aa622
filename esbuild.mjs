// Bundles, one block a program. `--watch` rebuilds on change; `--tests` adds the suites that run in the editor.
import { rmSync } from 'node:fs';
import { build, context } from 'esbuild';

// Chunks that are no longer made may not linger.
rmSync('dist/extension', { recursive: true, force: true });

const watch = process.argv.includes('--watch');
const common = {
  bundle: true,
  sourcemap: 'linked',
  minify: !watch,
  logLevel: 'warning',
  legalComments: 'none',
};
const node = { ...common, platform: 'node', target: 'node20' };
const browser = { ...common, platform: 'browser', target: 'es2022', format: 'iife' };
// Bundled CommonJS packages use `require`, `__filename` and `__dirname`, which an ES module does not have.
const withRequire = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __toPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __toPath(import.meta.url);',
  "const __dirname = __toPath(new URL('.', import.meta.url));",
].join('');

const programs = [
  // The extension host's bundle, and beside it what is loaded when it is first needed.
  {
    ...node,
    entryPoints: { main: 'src/extension.ts' },
    outdir: 'dist/extension',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    banner: { js: withRequire },
    external: ['vscode'],
  },
  // The engine process. node-llama-cpp is an ES module with native parts: never bundled.
  {
    ...node,
    entryPoints: { engine: 'src/engine/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    banner: { js: withRequire },
    external: ['node-llama-cpp'],
  },
  // The download process.
  {
    ...node,
    entryPoints: { fetch: 'src/fetch/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    banner: { js: withRequire },
    external: ['node-llama-cpp'],
  },
  // The quantising process. koffi has native parts: never bundled.
  {
    ...node,
    entryPoints: { quantize: 'src/quantize/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    banner: { js: withRequire },
    external: ['koffi'],
  },
  // The command line's planner, which starts the engine beside it.
  {
    ...node,
    entryPoints: { plan: 'src/planner/cli/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    banner: { js: withRequire },
  },
  // The pages.
  {
    ...browser,
    entryPoints: {
      chat: 'webview/chat/main.ts',
      settings: 'webview/settings/main.ts',
      doctor: 'webview/doctor/main.ts',
    },
    outdir: 'dist/webview',
  },
];

if (process.argv.includes('--tests')) {
  // A bundle for each suite: index.ts finds them by their name. A suite that was removed may not linger.
  rmSync('dist/test', { recursive: true, force: true });
  programs.push({
    ...node,
    minify: false,
    entryPoints: ['test/host/index.ts', 'test/host/**/*.test.ts'],
    outdir: 'dist/test/host',
    outbase: 'test/host',
    format: 'cjs',
    external: ['vscode', 'mocha'],
  });
}

if (watch) {
  for (const options of programs) await (await context(options)).watch();
  console.log('Watching.');
} else {
  const results = await Promise.allSettled(programs.map((options) => build(options)));
  // What is wrong was printed already.
  if (results.some(({ status }) => status === 'rejected')) process.exitCode = 1;
}
