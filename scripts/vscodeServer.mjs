// Starts and stops the VS Code server. Node built-ins only.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun, quietEnv } from './childProcess.mjs';
import { serverFiles } from './vscodeServerInstall.mjs';

/** Settings that keep the editor still: no telemetry, no updates, no questions, no saving by itself. */
const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/** Built-in extensions that tests do without: each costs time at every start. */
const unusedInTests = `
  clojure coffeescript cpp csharp css css-language-features dart debug-auto-launch debug-server-ready docker dotenv
  emmet extension-editing fsharp git git-base github github-authentication go groovy grunt gulp handlebars hlsl html
  html-language-features ini ipynb jake java julia latex less log lua make markdown-language-features markdown-math
  media-preview merge-conflict mermaid-markdown-features microsoft-authentication builtin-notebook-renderers npm
  objective-c perl php php-language-features powershell pug r razor references-view restructuredtext ruby rust scss
  shaderlab shellscript simple-browser sql swift terminal-suggest tunnel-forwarding vb xml yaml
`
  .trim()
  .split(/\s+/)
  .map((name) => `vscode.${name}`)
  .concat('GitHub.copilot-chat', 'ms-vscode.js-debug', 'ms-vscode.js-debug-companion')
  .concat('ms-vscode.vscode-js-profile-table');

/** Where a profile keeps its parts. `folder` is one of `editorProfile`'s. */
export function profileFiles(folder) {
  return {
    extensions: path.join(folder, 'extensions'),
    data: path.join(folder, 'server'),
    userSettings: path.join(folder, 'server/data/User/settings.json'),
    machineSettings: path.join(folder, 'server/data/Machine/settings.json'),
    log: path.join(folder, 'server.log'),
  };
}

/**
 * Writes the settings of a profile, on top of the quiet ones. Those of ours with the scope `machine` go where the
 * editor keeps the remote machine's own: it ignores them among a person's.
 *
 * @param {string} folder
 * @param {Record<string, unknown>} settings
 */
export async function writeSettings(folder, settings) {
  const ofTheMachine = ([name]) => /^layercake\.(engine|model|models|completion|draft|load)\./.test(name);
  const own = Object.entries(settings);
  const { userSettings, machineSettings } = profileFiles(folder);
  await writeJson(userSettings, {
    ...quietSettings,
    ...Object.fromEntries(own.filter((entry) => !ofTheMachine(entry))),
  });
  await writeJson(machineSettings, Object.fromEntries(own.filter(ofTheMachine)));
}

async function writeJson(file, value) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/**
 * Installs a VSIX into a profile, the way a person would.
 *
 * @param {string} folder
 * @param {string} vsix
 */
export async function installVsix(folder, vsix) {
  const { data, extensions } = profileFiles(folder);
  await mkdir(extensions, { recursive: true });
  const where = ['--server-data-dir', data, '--extensions-dir', extensions];
  const args = [serverFiles.main, ...where, '--install-extension', vsix, '--force'];
  const output = await mustRun(serverFiles.node, args, { capture: true, env: { HOME: folder } });
  if (!output.includes('successfully installed'))
    throw new Error(`The package was not installed:\n${output}`);
}

/**
 * @typedef {object} ServerOptions
 * @property {string} profile folder with the profile; made where it is missing
 * @property {boolean} [forTests] no connection token, and without the built-in extensions that tests do without
 * @property {boolean} [git] with the built-in git extension in spite of `forTests`; the setting `git.enabled` is the caller's
 * @property {boolean} [driver] lets a page run suites in the extension host; such an editor shows no notifications
 * @property {string} [token] connection token; needed unless `forTests`
 * @property {number} [port] a free one by default
 * @property {Record<string, string>} [env] more variables for the server and its extension hosts
 */

/**
 * Starts a server on 127.0.0.1 and waits until it answers.
 *
 * @param {ServerOptions} options
 * @returns {Promise<{ port: number, url: (folder: string, payload?: [string, string][]) => string,
 *   exited: Promise<void>, stop: () => Promise<void> }>}
 * @throws where it does not come up within a minute
 */
export async function startServer(options) {
  const { data, extensions, log } = profileFiles(options.profile);
  await Promise.all([data, extensions].map((folder) => mkdir(folder, { recursive: true })));
  const port = options.port ?? (await freePort());
  // Sockets go to a short path of their own: their names may not exceed about 100 bytes.
  const temporary = await mkdtemp(path.join(tmpdir(), 'lc-'));
  const logFile = openSync(log, 'w');
  const child = spawn(serverFiles.node, serverArguments(options, port, data, extensions), {
    stdio: ['ignore', logFile, logFile],
    // A group of its own: extension hosts outlive the server otherwise, to wait for a reconnection.
    detached: true,
    env: quietEnv({
      HOME: options.profile,
      TMPDIR: temporary,
      XDG_RUNTIME_DIR: undefined,
      XDG_CONFIG_HOME: undefined,
      ...(options.forTests ? { VSCODE_SKIP_BUILTIN_EXTENSIONS: leftOut(options).join(',') } : {}),
      ...options.env,
    }),
  });
  closeSync(logFile);
  const exited = new Promise((resolve) => child.once('close', () => resolve()));
  const killGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone.
    }
  };
  const killNow = () => killGroup('SIGKILL');
  process.once('exit', killNow);

  const stop = async () => {
    killGroup('SIGTERM');
    await Promise.race([exited, sleep(3000)]);
    killNow();
    process.removeListener('exit', killNow);
    await rm(temporary, { recursive: true, force: true });
  };
  try {
    await untilItAnswers(port, child);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${await readFile(log, 'utf8')}`);
  }
  const url = (folder, payload) => {
    const query = new URLSearchParams({ folder });
    if (options.token !== undefined) query.set('tkn', options.token);
    if (payload !== undefined) query.set('payload', JSON.stringify(payload));
    return `http://127.0.0.1:${port}/?${query}`;
  };
  return { port, url, exited, stop };
}

function leftOut({ git = false }) {
  return git ? unusedInTests.filter((id) => !/^vscode\.git(-base)?$/.test(id)) : unusedInTests;
}

function serverArguments(options, port, data, extensions) {
  const token = options.forTests ? ['--without-connection-token'] : ['--connection-token', options.token];
  const driver = options.driver ? ['--enable-smoke-test-driver'] : [];
  return [
    serverFiles.main,
    ...['--host', '127.0.0.1', '--port', String(port), '--accept-server-license-terms', ...token, ...driver],
    ...['--server-data-dir', data, '--extensions-dir', extensions],
    ...[
      '--disable-telemetry',
      '--telemetry-level',
      'off',
      '--disable-experiments',
      '--disable-workspace-trust',
    ],
  ];
}

async function untilItAnswers(port, child) {
  const limit = Date.now() + 60_000;
  while (Date.now() < limit) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error('The VS Code server ended at once.');
    const answered = await fetch(`http://127.0.0.1:${port}/version`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
  throw new Error('The VS Code server did not answer within a minute.');
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
