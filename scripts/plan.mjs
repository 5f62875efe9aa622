// Installs and builds where needed, then plans: npm run -s plan -- FILE_OR_URL [options]. Nothing but the plan on stdout.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './childProcess.mjs';
import { ensureInstalled } from './install.mjs';

const program = path.join(root, 'dist/plan.mjs');
if (!existsSync(program)) {
  await ensureInstalled();
  spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: ['ignore', 2, 2] });
}
// Paths are meant from where the command was given, not from the package's folder.
const cwd = process.env['INIT_CWD'] ?? process.cwd();
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], {
  cwd,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
