import { randomBytes } from 'node:crypto';
import { CancelledError, EngineError } from '../errors';
import { subLogger, type Logger } from '../log';
import type { BackendChoice } from '../protocol/engine';
import { attach } from './attach';
import { openSocket } from './connection';
import type { EngineClient } from './engineClient';
import { spawnEngine, type EngineProcess, type SpawnEngine } from './engineProcess';
import { engineEnvironment } from './environment';
import { openPrivateFolder, surroundings, type PrivateFolder } from './privateFolder';
import { RunFiles, sweepRunFiles } from './runFiles';

export interface StartEngineOptions {
  /** Where the engine keeps saved states from one run to the next; absent: none are kept. */
  snapshotFolder?: string;
  /** Executable that runs the engine: Node.js 20 or newer, or Electron. */
  runtimePath: string;
  /** True where that executable is Electron. */
  electron?: boolean;
  /** The engine's program, `engine.mjs`. */
  enginePath: string;
  backend: BackendChoice;
  logger: Logger;
  signal?: AbortSignal;
  /** Default: 20,000 ms. */
  startTimeoutMs?: number;
  spawn?: SpawnEngine;
}

const defaultTimeoutMs = 20_000;

/** An engine that was started, and how others reach it. */
export interface StartedEngine {
  client: EngineClient;
  socketPath: string;
  logPath: string;
  token: string;
}

/**
 * Starts an engine process that no other window finds, and connects to it.
 * Rejects with `EngineError`: `noRuntime`, `crashed`, `startTimeout`, `unauthorized`, `protocolMismatch`;
 * with `CancelledError` where `signal` was aborted. No process is left behind then.
 */
export async function startEngine(options: StartEngineOptions): Promise<EngineClient> {
  const logger = subLogger(options.logger, 'engine');
  const folder = await openPrivateFolder(surroundings(logger));
  return (await launchEngine(options, folder, false)).client;
}

/** As `startEngine`, in a folder that is open. @param shared other windows will be told of it */
export async function launchEngine(
  options: StartEngineOptions,
  folder: PrivateFolder,
  shared: boolean,
): Promise<StartedEngine> {
  if (options.signal?.aborted === true) throw new CancelledError();
  const logger = subLogger(options.logger, 'engine');
  await sweepRunFiles(folder.path, process.platform, logger);
  const files = new RunFiles(folder, process.platform);
  const token = randomBytes(32).toString('hex');
  const child = spawnWith(options, files, token);
  child.onExit((exit) => (shared ? files.leaveExit(exit) : files.removeAll()));
  child.onError(() => files.removeAll());
  try {
    const client = await attach({
      ...{ process: child, token, shared, logger, signal: options.signal },
      timeoutMs: options.startTimeoutMs ?? defaultTimeoutMs,
      open: (stop) => openSocket(files.socketPath, stop),
    });
    return { client, token, socketPath: files.socketPath, logPath: files.logPath };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function spawnWith(options: StartEngineOptions, files: RunFiles, token: string): EngineProcess {
  const { runtimePath, enginePath, backend, snapshotFolder, electron = false } = options;
  try {
    return (options.spawn ?? spawnEngine)({
      ...{ runtimePath, enginePath, logPath: files.logPath },
      args: [
        ...['--socket', files.socketPath, '--backend', backend],
        ...(snapshotFolder === undefined ? [] : ['--snapshots', snapshotFolder]),
      ],
      env: engineEnvironment(process.env, { token, electron, platform: process.platform }),
    });
  } catch (error) {
    // Some reasons not to start are thrown instead of told later, above all on Windows.
    files.removeAll();
    const detail = error instanceof Error ? error.message : String(error);
    throw new EngineError({ reason: 'noRuntime', detail });
  }
}
