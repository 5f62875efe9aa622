// Installs and builds where needed, bundles bench/main.ts and runs it: npm run bench -- [names] [--json]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './childProcess.mjs';
import { ensureInstalled } from './install.mjs';

await ensureInstalled();
const { build } = await import('esbuild');
const outfile = path.join(root, 'dist/test/bench.mjs');
spawnSync(process.execPath, ['esbuild.mjs', '--tests'], { cwd: root, stdio: ['ignore', 2, 2] });
await build({
  entryPoints: [path.join(root, 'bench/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  // They find the repository by where they are.
  external: ['./scripts/*'],
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
