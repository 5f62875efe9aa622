// Packages the extension with node-llama-cpp, koffi and their binaries for one platform.
//   node scripts/package.mjs [--target linux-x64] [--cuda] [--out FILE]
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from './childProcess.mjs';
import { stagePackage } from './stage.mjs';

/** Packages of node-llama-cpp's binaries, and koffi's name for the platform, by target of the editor's. */
const binaries = {
  'linux-x64': {
    always: ['linux-x64', 'linux-x64-vulkan'],
    cuda: ['linux-x64-cuda', 'linux-x64-cuda-ext'],
    koffi: 'linux-x64',
  },
  'linux-arm64': { always: ['linux-arm64'], cuda: [], koffi: 'linux-arm64' },
  'linux-armhf': { always: ['linux-armv7l'], cuda: [], koffi: 'linux-arm' },
  'darwin-arm64': { always: ['mac-arm64-metal'], cuda: [], koffi: 'darwin-arm64' },
  'darwin-x64': { always: ['mac-x64'], cuda: [], koffi: 'darwin-x64' },
  'win32-x64': {
    always: ['win-x64', 'win-x64-vulkan'],
    cuda: ['win-x64-cuda', 'win-x64-cuda-ext'],
    koffi: 'win32-x64',
  },
  'win32-arm64': { always: ['win-arm64'], cuda: [], koffi: 'win32-arm64' },
};

/** @typedef {keyof typeof binaries} Target */

/** @returns {Target} the target of this machine */
export function thisTarget() {
  const arch = process.arch === 'arm' ? 'armhf' : process.arch;
  return checkTarget(`${process.platform}-${arch}`);
}

/**
 * Writes the VSIX. The bundles must be built already.
 *
 * @param {{ target?: string, cuda?: boolean, out?: string }} [options]
 * @returns {Promise<string>} path of the file
 * @throws where the target is unknown or its binaries are not installed
 */
export async function packageVsix(options = {}) {
  const target = options.target === undefined ? thisTarget() : checkTarget(options.target);
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const name = `layercake-${target}${options.cuda ? '-cuda' : ''}-${version}.vsix`;
  const packagePath = path.resolve(options.out ?? path.join(root, '.cache/vsix', name));
  await mkdir(path.dirname(packagePath), { recursive: true });
  // Imported late: the packages may have been installed a moment ago.
  const { createVSIX } = await import('@vscode/vsce');
  await createVSIX({
    cwd: await stagePackage(binariesFor(target, options.cuda ?? false)),
    target,
    packagePath,
    useYarn: false,
    // The secret scanner reads every binary, and finds nothing in them but time.
    allowPackageAllSecrets: true,
    allowPackageEnvFile: true,
  });
  const { size } = await stat(packagePath);
  console.log(`  ${path.relative(root, packagePath)}: ${(size / 1e6).toFixed(1)} MB`);
  return packagePath;
}

/** Packages with the binaries of a target. */
function binariesFor(target, cuda) {
  const { always, cuda: more, koffi } = binaries[target];
  const llama = [...always, ...(cuda ? more : [])].map((name) => `@node-llama-cpp/${name}`);
  const wanted = [...llama, `@koromix/koffi-${koffi}`];
  const missing = wanted.filter((name) => !existsSync(path.join(root, 'node_modules', name)));
  if (missing.length > 0) {
    throw new Error(`npm installs binaries for its own platform only; not here: ${missing.join(', ')}.`);
  }
  return wanted;
}

function checkTarget(target) {
  if (!(target in binaries)) {
    throw new Error(`There is no "${target}"; the targets are ${Object.keys(binaries).join(', ')}.`);
  }
  return /** @type {Target} */ (target);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { target: { type: 'string' }, cuda: { type: 'boolean' }, out: { type: 'string' } },
  });
  await packageVsix(values).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
