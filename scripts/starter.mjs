// The starter model in the project's own cache: by the extension's download program.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { mustRun, root } from './childProcess.mjs';

const folder = path.join(root, '.cache/models');
const file = path.join(folder, 'SmolLM2-135M-Instruct.Q4_1.gguf');
const bytes = 98_362_432;

/**
 * Gets the starter where it is not there yet. `dist/fetch.mjs` must be built; it checks the file's hash.
 *
 * @returns {Promise<{ path: string } | { reason: string }>} the reason is why it cannot be had
 */
export async function ensureStarter() {
  const present = await stat(file).catch(() => undefined);
  if (present?.size === bytes) return { path: file };
  try {
    await mustRun(process.execPath, ['dist/fetch.mjs', 'starter', '--to', folder], { timeoutMs: 300_000 });
    await stat(file);
    return { path: file };
  } catch (error) {
    return { reason: `the starter model could not be had: ${lastLine(error.message)}` };
  }
}

function lastLine(text) {
  return text.trim().split('\n').at(-1);
}
