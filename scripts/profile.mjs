// The editor profile of `npm start`: never the person's own. Which editor there is, and how to install into it.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun, onPath, root } from './childProcess.mjs';
import { ensureServer, whyNoServer } from './vscodeServerInstall.mjs';
import { installVsix, profileFiles, writeSettings } from './vscodeServer.mjs';

/**
 * @typedef {object} Profile
 * @property {'desktop' | 'server' | 'none'} editor none: no editor for this machine was found
 * @property {string} folder
 * @property {string} extensions
 */

/**
 * The editor to use: VS Code where `code` is there, else the VS Code server.
 *
 * @returns {Promise<Profile>}
 */
export async function findProfile() {
  if (onPath('code')) return profile('desktop');
  if (whyNoServer() !== undefined) return profile('none');
  await ensureServer();
  return profile('server');
}

function profile(editor) {
  const folder = path.join(root, '.cache/profile', editor);
  return { editor, folder, extensions: profileFiles(folder).extensions };
}

/**
 * Installs the package, and names the model in the profile's settings.
 *
 * @param {Profile} profile
 * @param {string} vsix
 * @param {string} modelPath
 * @returns {Promise<string>} folder of the installed extension
 */
export async function installInto(profile, vsix, modelPath) {
  await mkdir(profile.extensions, { recursive: true });
  const settings = { 'layercake.model.path': modelPath };
  if (profile.editor === 'desktop') {
    await mustRun('code', [...desktopArguments(profile), '--install-extension', vsix, '--force'], {
      capture: true,
    });
    const file = path.join(profile.folder, 'data/User/settings.json');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(settings, undefined, 2)}\n`);
  } else if (profile.editor === 'server') {
    await installVsix(profile.folder, vsix);
    await writeSettings(profile.folder, settings);
  } else {
    await unpack(vsix, path.join(profile.extensions, 'layercake.layercake'));
  }
  return installedExtension(profile);
}

/** @param {Profile} profile */
export function desktopArguments(profile) {
  const folders = [
    '--user-data-dir',
    path.join(profile.folder, 'data'),
    '--extensions-dir',
    profile.extensions,
  ];
  // The editor refuses to run as root with its sandbox on.
  return [...folders, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
}

/** The folder that the editor installed the extension to: its name holds version and platform. */
async function installedExtension({ extensions }) {
  const list = await readFile(path.join(extensions, 'extensions.json'), 'utf8').then(JSON.parse, () => []);
  const known = list.find(({ identifier }) => identifier.id === 'layercake.layercake')?.relativeLocation;
  const found = known ?? (await readdir(extensions)).find((name) => name.startsWith('layercake.layercake'));
  if (found === undefined) throw new Error(`The extension is not in ${extensions}.`);
  return path.join(extensions, found);
}

async function unpack(vsix, folder) {
  const { openPromise } = await import('yauzl');
  await rm(folder, { recursive: true, force: true });
  const zip = await openPromise(vsix, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.startsWith('extension/') || entry.fileName.endsWith('/')) continue;
    const file = path.join(folder, entry.fileName.slice('extension/'.length));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, await zip.openReadStreamPromise(entry));
  }
}
