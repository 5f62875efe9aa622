// Child processes of the scripts. Node built-ins only: this runs before the packages are installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * The environment of child processes: nothing asks, nothing phones home. What npm tells the script that it runs of
 * itself is left out, else an npm started in another folder would take this project for its own.
 *
 * @param {Record<string, string | undefined>} [extra] variables on top; undefined removes one
 * @returns {Record<string, string>}
 */
export function quietEnv(extra = {}) {
  const own =
    /^npm_(package_|lifecycle_|command$|execpath$|node_execpath$|config_local_prefix$|config_prefix$)/;
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name))),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_progress: 'false',
    npm_config_yes: 'true',
    PIP_NO_INPUT: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    GIT_TERMINAL_PROMPT: '0',
    DEBIAN_FRONTEND: 'noninteractive',
    ...extra,
  };
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

/**
 * Runs a program to its end. Its output goes to ours, or is collected with `capture`.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, capture?: boolean, timeoutMs?: number,
 *   onLine?: (line: string) => void }} [options] `onLine` gets what is captured as it comes
 * @returns {Promise<{ code: number, output: string }>} -1 where a signal, or the time limit, ended it
 * @throws where the program cannot be started
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: quietEnv(options.env),
      stdio: options.capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
      if (stream && options.onLine) createInterface(stream).on('line', options.onLine);
    }
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill(), options.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, output });
    });
  });
}

/**
 * Like `run`, but anything except exit code 0 is an error that carries the output.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 * @returns {Promise<string>} what was captured
 */
export async function mustRun(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) {
    throw new Error(
      `${[path.basename(command), ...args].join(' ')} ended with code ${code}.\n${output}`.trim(),
    );
  }
  return output;
}

/**
 * Runs another script of Node's, in this very Node.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function node(args, options) {
  return mustRun(process.execPath, args, options);
}

/**
 * Runs npm. As a script of Node's, where npm stands beside Node: Windows' npm.cmd would need a shell.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm(args, options) {
  const cli = npmCli();
  return cli === undefined ? mustRun('npm', args, options) : node([cli, ...args], options);
}

function npmCli() {
  const folder = path.dirname(process.execPath);
  const candidates = [
    process.env['npm_execpath'],
    path.join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  return candidates.find((file) => file?.endsWith('npm-cli.js') && existsSync(file));
}

/** True where `command` is on PATH. */
export function onPath(command) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .some((folder) => extensions.some((extension) => existsSync(path.join(folder, command + extension))));
}

/** Prints a step, does it, prints how long it took. */
export async function step(title, work) {
  const started = performance.now();
  console.log(`\n▸ ${title}`);
  const result = await work();
  console.log(`  done in ${seconds(performance.now() - started)}`);
  return result;
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
