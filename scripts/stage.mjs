// A folder with exactly what a package is made of. The packager would else look at every file of the project, the
// editors of the tests included.
import { cp, link, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { npm, root } from './childProcess.mjs';

const ownFiles = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
];
const ownFolders = ['media', 'dist'];

/**
 * @param {string[]} binaries names of the packages with native parts to take along
 * @returns {Promise<string>} the folder
 */
export async function stagePackage(binaries) {
  const stage = path.join(root, '.cache/package');
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  for (const file of ownFiles) await cp(path.join(root, file), path.join(stage, file));
  for (const folder of ownFolders) {
    await cp(path.join(root, folder), path.join(stage, folder), { recursive: true });
  }
  for (const folder of await productionPackages()) {
    for (const file of await filesOf(folder)) {
      if (isWanted(folder, file, binaries)) await linkFile(path.join(folder, file), stage);
    }
  }
  return stage;
}

/** Folders of the packages that are shipped, and of those that they need; relative to the root. */
async function productionPackages() {
  const output = await npm(['ls', '--omit=dev', '--all', '--parseable'], { capture: true });
  return output
    .split('\n')
    .map((line) => path.relative(root, line.trim()).replaceAll(path.sep, '/'))
    .filter((folder) => folder.startsWith('node_modules/'));
}

/** Files of a package, without the packages inside it: those are listed by themselves. */
async function filesOf(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      path.relative(path.join(root, folder), path.join(entry.parentPath ?? entry.path, entry.name)),
    )
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !/(^|\/)node_modules\//.test(file));
}

/** Code and licences. Not: documents, types, maps, tests, llama.cpp's source, binaries of other platforms. */
function isWanted(folder, file, binaries) {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (name === 'typescript') return false; // an optional peer
  const isLicence = /^licen[cs]e/i.test(file);
  if (name.startsWith('@node-llama-cpp/')) {
    const isCode = file === 'package.json' || /^(bins|dist)\//.test(file);
    return binaries.includes(name) && (isCode || isLicence) && isShipped(file);
  }
  if (name.startsWith('@koromix/')) {
    // Editors on musl are another target.
    return binaries.includes(name) && /\.(js|json|node)$/.test(file) && !file.startsWith('musl_');
  }
  // What builds koffi where no native part is at hand.
  if (name === 'koffi' && file === 'cnoke.cjs') return false;
  if (name === 'node-llama-cpp' && /^(llama|templates)\//.test(file)) {
    // The data files that it reads; the rest is for building llama.cpp.
    return /^llama\/(binariesGithubRelease|llama\.cpp\.info|package)\.json$/.test(file);
  }
  return (isLicence || /\.(js|cjs|mjs|json|node)$/.test(file)) && isShipped(file);
}

function isShipped(file) {
  return !/\.(map|d\.[cm]?ts)$|(^|\/)(test|tests|__mocks__|docs|examples)\/|\.(test|spec)\.\w+$/.test(file);
}

/** A hard link where the file system has them: the binaries are large. */
async function linkFile(file, stage) {
  const from = path.join(root, file);
  const to = path.join(stage, file);
  await mkdir(path.dirname(to), { recursive: true });
  await link(from, to).catch(() => cp(from, to));
}
