// Runs the suites of test/host inside a real editor: a desktop VS Code where one can be had, else the VS Code server
// in a headless browser. LAYERCAKE_RESULTS names the file for the counts.
import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import { root } from './childProcess.mjs';

const timeLimitMs = 8 * 60_000;
/** Begins each line of the suites' own report: test/host/index.ts. */
const suiteMark = '[suite] ';
const suites = path.join(root, 'dist/test/host/index.js');
/** An extension that uses what ours offers to others. */
const asking = path.join(root, 'test/host/askingExtension');

/**
 * @param {string} results file for the counts
 * @returns {Promise<void>} once the suites have run; whether they passed stands in the file
 * @throws where they did not run to their end
 */
export async function runHostTests(results) {
  await rm(results, { force: true });
  const folder = await mkdtemp(path.join(tmpdir(), 'lc-host-'));
  try {
    const workspace = path.join(folder, 'workspace');
    await cp(path.join(root, 'test/host/workspace'), workspace, { recursive: true });
    const run = { folder, workspace, results };
    const desktop = await findDesktop();
    const ended = await (desktop === undefined ? inServer(run) : inDesktop(desktop, run));
    const counts = await readFile(results, 'utf8').catch(() => undefined);
    // An extension host that crashes can end with the code of success: only the file proves that all suites ran.
    if (counts === undefined) throw new Error(`The extension host left no results (it ended with ${ended}).`);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Options of the desktop editor to use; undefined where there is none. */
async function findDesktop() {
  const executable = process.env['VSCODE_EXECUTABLE'];
  if (executable) return { vscodeExecutablePath: executable };
  const screen = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  if (process.platform === 'linux' && !screen) return undefined;
  const reachable = await fetch('https://update.code.visualstudio.com/api/releases/stable', {
    signal: AbortSignal.timeout(5000),
  }).then(
    (response) => response.ok,
    () => false,
  );
  return reachable ? { version: 'stable' } : undefined;
}

async function inDesktop(desktop, { folder, workspace, results }) {
  const { runTests } = await import('@vscode/test-electron');
  const profile = [
    '--user-data-dir',
    path.join(folder, 'data'),
    '--extensions-dir',
    path.join(folder, 'extensions'),
  ];
  return runTests({
    ...desktop,
    extensionDevelopmentPath: [root, asking],
    extensionTestsPath: suites,
    extensionTestsEnv: { LAYERCAKE_RESULTS: results },
    launchArgs: [workspace, ...profile, '--disable-workspace-trust', '--no-sandbox', '--disable-telemetry'],
  }).catch((error) => error.message);
}

async function inServer({ folder, workspace, results }) {
  const { ensureServer } = await import('./vscodeServerInstall.mjs');
  const { profileFiles, startServer, writeSettings } = await import('./vscodeServer.mjs');
  const { launchBrowser, pageOptions } = await import('./browser.mjs');
  const { startBridge } = await import('./uiBridge.mjs');
  await ensureServer();
  const shots = path.join(root, 'test/e2e/shots');
  await Promise.all([shots, path.dirname(results)].map((each) => mkdir(each, { recursive: true })));
  // The page takes one extension in development alone; a server that is new to its folder takes what lies there.
  await cp(asking, path.join(profileFiles(folder).extensions, 'asking'), { recursive: true });
  // A load need not wait until the machine has been measured.
  await writeSettings(folder, { 'layercake.plan.calibrateAtFirstLoad': false, 'git.enabled': true });
  const toClose = [];
  try {
    const browser = await launchBrowser();
    toClose.push(() => browser.close());
    const page = await (await browser.newContext(pageOptions)).newPage();
    const bridge = await startBridge(page, shots);
    toClose.push(bridge.close);
    const env = { LAYERCAKE_RESULTS: results, LAYERCAKE_UI: bridge.url };
    const server = await startServer({ profile: folder, forTests: true, git: true, driver: true, env });
    toClose.push(server.stop, () => page.close());
    return await watchRun(page, server, workspace, results.replace(/\.json$/, '.log'));
  } finally {
    // The page first: it would report the end of its server at length.
    for (const close of toClose.reverse()) await close();
  }
}

/** Opens the editor with the suites to run in it, prints what they say, and waits for their end. The rest is logged. */
async function watchRun(page, server, workspace, logFile) {
  const log = createWriteStream(logFile);
  const ended = Promise.race([
    new Promise((resolve) => page.once('crash', () => resolve('a crash of the page'))),
    server.exited.then(() => 'the end of the server'),
    sleep(timeLimitMs, 'the time limit', { ref: false }),
    // The editor calls these two where it runs tests.
    new Promise(
      (resolve) => void page.exposeFunction('codeAutomationExit', (code) => resolve(`code ${code}`)),
    ),
  ]);
  await page.exposeFunction('codeAutomationLog', (type, args) => {
    const text = format(...args);
    if (text.startsWith(suiteMark)) console.log(text.slice(suiteMark.length));
    else log.write(`${type}: ${text}\n`);
  });
  const remote = `vscode-remote://127.0.0.1:${server.port}`;
  const payload = [
    ['extensionDevelopmentPath', remote + root],
    ['extensionTestsPath', remote + suites.replace(/\.js$/, '')],
  ];
  await page.goto(server.url(workspace, payload));
  return ended;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = process.env['LAYERCAKE_RESULTS'] ?? path.join(root, '.test-results/host.json');
  await runHostTests(results).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  const counts = JSON.parse(await readFile(results, 'utf8').catch(() => '{ "failed": 1 }'));
  if (counts.failed > 0) process.exitCode = 1;
}
