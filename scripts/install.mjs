// Installs the project's packages where they are missing or older than the lock file. Node built-ins only.
import { statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm, root, step } from './childProcess.mjs';

const oldestNode = 20;

/**
 * @throws where this Node is too old, or npm fails
 */
export async function ensureInstalled() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < oldestNode) {
    throw new Error(
      `Layercake needs Node.js ${oldestNode} or newer; this is ${process.version} (${process.execPath}). ` +
        'Install a newer one, or put it first on PATH, and run the command again.',
    );
  }
  if (isInstalled()) return;
  // No package's install script is needed: every binary in use comes ready made.
  await step('Installing packages (npm ci)', () =>
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']),
  );
}

function isInstalled() {
  const written = modified('node_modules/.package-lock.json');
  return written !== undefined && written >= (modified('package-lock.json') ?? 0);
}

function modified(file) {
  return statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
