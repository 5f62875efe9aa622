import { stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { EngineError } from '../errors';
import type { Logger } from '../log';
import type { RuntimeDescription } from './engine';
import { findNodeInLoginShell } from './loginShell';
import { CachedProbe, probeRuntime, type Probe, type ProbedRuntime } from './probe';

/** The oldest Node.js that the engine's library runs on. */
const minimumMajor = 20;
/**
 * On Linux, Chromium's allocator serves llama.cpp's host buffers in Electron, and ends the process over an allocation
 * of 1.5 GiB. One of 1 GiB it takes.
 */
const electronBufferLimitBytes = 1024 ** 3;

export interface RuntimeFinderParts {
  /** `layercake.engine.nodePath`; empty: automatic. */
  nodePath: () => string;
  /** The executable of the editor that we run in. */
  editorPath: string;
  /** Node.js that was fetched into the extension's storage before; undefined: none. */
  packagedNodePath: () => string | undefined;
  /** Asks the person whether to fetch Node.js, and fetches it. undefined: declined, or there is none to fetch. */
  offerPackagedNode: () => Promise<string | undefined>;
  logger: Logger;
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
  arch?: string;
  probe?: Probe;
  /** The `node` of the login shell. */
  loginShellNode?: () => Promise<string | undefined>;
}

type Source = RuntimeDescription['source'];

/** Finds what the engine process runs in: the first of a fixed order that proves to work. */
export class RuntimeFinder {
  private readonly env: NodeJS.ProcessEnv;
  private readonly platform: NodeJS.Platform;
  private readonly arch: string;
  private readonly probe: Probe;
  private found: RuntimeDescription | undefined;

  constructor(private readonly parts: RuntimeFinderParts) {
    this.env = parts.env ?? process.env;
    this.platform = parts.platform ?? process.platform;
    this.arch = parts.arch ?? process.arch;
    this.probe = new CachedProbe(parts.probe ?? probeRuntime).run;
  }

  /**
   * What was found before is kept while its file is there, so that nobody is asked twice in one session.
   * Rejects with `EngineError` (`noRuntime`): a path that was set and does not work is said, not passed over.
   */
  async find(): Promise<RuntimeDescription> {
    const set = this.parts.nodePath().trim();
    if (set !== '') return await this.fromSetting(set);
    if (this.found === undefined || !(await isFile(this.found.path))) this.found = await this.search();
    return this.found;
  }

  private async search(): Promise<RuntimeDescription> {
    const found =
      (await this.attempt(this.parts.editorPath, 'editor')) ??
      (await this.onPath()) ??
      (await this.inLoginShell()) ??
      (await this.attempt(this.parts.packagedNodePath(), 'package')) ??
      (await this.attempt(await this.parts.offerPackagedNode(), 'package')) ??
      (await this.attempt(this.parts.editorPath, 'electron'));
    if (found === undefined) {
      throw noRuntime(`no Node.js ${minimumMajor} or newer for ${this.platform}-${this.arch} was found`);
    }
    this.parts.logger.info(`Runtime: ${found.path}, ${found.kind} ${found.version} (${found.source})`);
    return found;
  }

  private async fromSetting(path: string): Promise<RuntimeDescription> {
    try {
      if (!isAbsolute(path)) throw new Error('it is not an absolute path');
      const probed = await this.probe(path);
      const problem = this.problem(probed);
      if (problem !== undefined) throw new Error(problem);
      return this.describe(probed, 'setting');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw noRuntime(`layercake.engine.nodePath, ${path}: ${reason}`);
    }
  }

  private async onPath(): Promise<RuntimeDescription | undefined> {
    const name = this.platform === 'win32' ? 'node.exe' : 'node';
    const value = this.env['PATH'] ?? this.env['Path'] ?? '';
    for (const folder of new Set(value.split(delimiter))) {
      // A relative entry would run a program of whatever folder we are in.
      if (!isAbsolute(folder)) continue;
      const found = await this.attempt(join(folder, name), 'path');
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private async inLoginShell(): Promise<RuntimeDescription | undefined> {
    const shell = this.env['SHELL'];
    if (this.platform === 'win32' || shell === undefined || !isAbsolute(shell)) return undefined;
    const ask = this.parts.loginShellNode ?? (() => findNodeInLoginShell(shell, this.env));
    return await this.attempt(await ask(), 'loginShell');
  }

  /** undefined where there is no such file or where it does not do, with the reason in the log. */
  private async attempt(path: string | undefined, source: Source): Promise<RuntimeDescription | undefined> {
    if (path === undefined || !(await isFile(path))) return undefined;
    try {
      const probed = await this.probe(path);
      const problem =
        probed.electron !== undefined && source !== 'electron' ? 'it is Electron' : this.problem(probed);
      if (problem === undefined) return this.describe(probed, source);
      this.parts.logger.debug(`Not used as runtime: ${path} (${source}): ${problem}`);
    } catch (error) {
      this.parts.logger.warn(`Not used as runtime: ${path} (${source}): ${String(error)}`);
    }
    return undefined;
  }

  private problem(probed: ProbedRuntime): string | undefined {
    if (Number.parseInt(probed.node, 10) < minimumMajor) {
      return `Node.js ${probed.node} is older than ${minimumMajor}`;
    }
    // The library's native part was packaged for this architecture.
    if (probed.arch !== this.arch) return `it is built for ${probed.arch}, not for ${this.arch}`;
    return undefined;
  }

  private describe(probed: ProbedRuntime, source: Source): RuntimeDescription {
    const isElectron = probed.electron !== undefined;
    return {
      path: probed.execPath,
      kind: isElectron ? 'electron' : 'node',
      version: probed.electron ?? probed.node,
      source,
      ...(isElectron && this.platform === 'linux' ? { hostBufferLimitBytes: electronBufferLimitBytes } : {}),
    };
  }
}

async function isFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() === true;
}

function noRuntime(detail: string): EngineError {
  return new EngineError({ reason: 'noRuntime', detail });
}
