// Packages the extension with node-llama-cpp and the binaries of one platform.
//   node scripts/package.mjs [--target linux-x64] [--cuda] [--out FILE]
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from './childProcess.mjs';

/** Packages of node-llama-cpp's binaries by target of the editor's. */
const binaries = {
  'linux-x64': { always: ['linux-x64', 'linux-x64-vulkan'], cuda: ['linux-x64-cuda', 'linux-x64-cuda-ext'] },
  'linux-arm64': { always: ['linux-arm64'], cuda: [] },
  'linux-armhf': { always: ['linux-armv7l'], cuda: [] },
  'darwin-arm64': { always: ['mac-arm64-metal'], cuda: [] },
  'darwin-x64': { always: ['mac-x64'], cuda: [] },
  'win32-x64': { always: ['win-x64', 'win-x64-vulkan'], cuda: ['win-x64-cuda', 'win-x64-cuda-ext'] },
  'win32-arm64': { always: ['win-arm64'], cuda: [] },
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
    cwd: root,
    target,
    packagePath,
    ignoreFile: await writeIgnoreFile(target, options.cuda ?? false),
    useYarn: false,
    // The secret scanner reads every binary, and finds nothing in them but time.
    allowPackageAllSecrets: true,
    allowPackageEnvFile: true,
  });
  const { size } = await stat(packagePath);
  console.log(`  ${path.relative(root, packagePath)}: ${(size / 1e6).toFixed(1)} MB`);
  return packagePath;
}

/** .vscodeignore, node-llama-cpp as far as it is used, and the binaries of the target. */
async function writeIgnoreFile(target, cuda) {
  const wanted = [...binaries[target].always, ...(cuda ? binaries[target].cuda : [])];
  const missing = wanted.filter((name) => !existsSync(path.join(root, 'node_modules/@node-llama-cpp', name)));
  if (missing.length > 0) {
    const names = missing.map((name) => `@node-llama-cpp/${name}`).join(', ');
    throw new Error(`npm installs binaries for its own platform only; not here: ${names}.`);
  }
  const lines = [
    ...(await libraryPatterns()),
    ...wanted.map((name) => `node_modules/@node-llama-cpp/${name}/@(package.json|LICENSE|dist|bins)`),
    ...wanted.map((name) => `node_modules/@node-llama-cpp/${name}/@(dist|bins)/**`),
  ].map((line) => `!${line}`);
  const file = path.join(root, '.cache', `vscodeignore-${target}`);
  await writeFile(file, [await readFile(path.join(root, '.vscodeignore'), 'utf8'), ...lines, ''].join('\n'));
  return file;
}

/**
 * node-llama-cpp and the packages that it can reach: their code and licences. llama.cpp's source, build tools and the
 * rest of what npm installs with it stay out. Few patterns, each for many packages: the packager tries them all on
 * every file, and what one pattern lets in no other can keep out.
 */
async function libraryPatterns() {
  const code = '*.@(js|cjs|mjs|json|node)';
  const licence = '@(LICEN[CS]E|License|licen[cs]e)*';
  const folder = '!(test|tests|__mocks__|docs|examples)';
  const packages = await reachablePackages();
  const scopes = new Set(packages.flatMap((name) => (name.startsWith('@') ? [name.split('/')[0]] : [])));
  const plain = packages.filter((name) => !name.startsWith('@') && name !== 'node-llama-cpp');
  const roots = [
    `node_modules/@(${plain.join('|')})`,
    `node_modules/@(${[...scopes, '@reflink'].join('|')})/*`, // @reflink: faster copies, found by name at run time
  ];
  return [
    'node_modules/node-llama-cpp/@(package.json|LICENSE)',
    'node_modules/node-llama-cpp/dist/**/*.js',
    'node_modules/node-llama-cpp/llama/@(binariesGithubRelease|llama.cpp.info|package).json',
    ...roots.flatMap((each) => [
      `${each}/${licence}`,
      `${each}/${code}`,
      `${each}/${folder}/${code}`,
      `${each}/${folder}/${folder}/${code}`,
      `${each}/${folder}/${folder}/${folder}/**/${code}`,
    ]),
  ];
}

/** Names of the packages whose modules node-llama-cpp imports, itself among them: half of those that npm installs. */
async function reachablePackages() {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    stdin: { contents: "import 'node-llama-cpp'", resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['@node-llama-cpp/*', '@reflink/*'],
    logLevel: 'error',
  });
  const names = Object.keys(metafile.inputs).flatMap(
    (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
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
