import { existsSync } from 'node:fs';
import { Disposable } from 'vscode-jsonrpc';
import { EngineError } from '../errors';
import { subLogger, type Logger } from '../log';
import type { BackendChoice } from '../protocol/engine';
import { abortable } from './abortable';
import { attach } from './attach';
import { tryConnect } from './connection';
import type { RuntimeDescription } from './engine';
import type { EngineClient } from './engineClient';
import type { EngineRecord } from './engineRecord';
import { isRunning, JoinedProcess } from './joinedProcess';
import { openPrivateFolder, surroundings, type PrivateFolder, type Surroundings } from './privateFolder';
import { ProcessWatch } from './processWatch';
import { Rendezvous, watchRecords } from './rendezvous';
import { launchEngine, type StartEngineOptions } from './startEngine';

export interface FoundEngine {
  client: EngineClient;
  runtime: RuntimeDescription;
}

/** Which engine is wanted. */
export interface EngineWish {
  enginePath: string;
  backend: BackendChoice;
  logger: Logger;
  signal: AbortSignal;
}

export interface EngineStart extends EngineWish, Pick<StartEngineOptions, 'snapshotFolder'> {
  runtime: RuntimeDescription;
}

/** Where a window's engine comes from. The supervisor's tests put a fake in its place. */
export interface EngineSource {
  /** The engine that runs already; undefined where none does. */
  join(wish: EngineWish): Promise<FoundEngine | undefined>;
  /** The same, or a new one. */
  start(start: EngineStart): Promise<FoundEngine>;
  /** Calls back whenever some window has started an engine. */
  follow(logger: Logger, onStarted: () => void): Promise<Disposable>;
}

/** An engine that hangs is no reason to load a second model: it is told. */
const joinTimeoutMs = 20_000;
/** An engine that ends, and says nothing for so long, is waited for no more, ms. */
const silenceMs = 4_000;

/** One engine for all windows of a user that want the same. */
export class SharedEngines implements EngineSource {
  constructor(private readonly around: (logger: Logger) => Surroundings = surroundings) {}

  async join(wish: EngineWish): Promise<FoundEngine | undefined> {
    const folder = await this.folder(wish.logger);
    if (!folder.isUsual) return undefined;
    const record = await (await Rendezvous.at(folder.path, wish.enginePath, wish.backend)).read();
    return record && (await joinRecorded(record, wish));
  }

  async start(start: EngineStart): Promise<FoundEngine> {
    const folder = await this.folder(start.logger);
    if (!folder.isUsual) return await launch(start, folder, false);
    const rendezvous = await Rendezvous.at(folder.path, start.enginePath, start.backend);
    return await rendezvous.exclusively(start.signal, async () => {
      const record = await rendezvous.read();
      const found = record && (await joinRecorded(record, start));
      if (found !== undefined) return found;
      // It may be saving and freeing its memory still: two models at once could fill it.
      if (record !== undefined && isRunning(record.pid)) await abortable(ending(record, start), start.signal);
      return await launch(start, folder, true, (started) => rendezvous.write(started));
    });
  }

  async follow(logger: Logger, onStarted: () => void): Promise<Disposable> {
    const folder = await this.folder(logger);
    return folder.isUsual ? watchRecords(folder.path, onStarted) : Disposable.create(() => undefined);
  }

  private async folder(logger: Logger): Promise<PrivateFolder> {
    return await openPrivateFolder(this.around(subLogger(logger, 'engine')));
  }
}

async function launch(
  start: EngineStart,
  folder: PrivateFolder,
  shared: boolean,
  record: (started: EngineRecord) => Promise<void> = () => Promise.resolve(),
): Promise<FoundEngine> {
  const { runtime, ...options } = start;
  const how = { ...options, runtimePath: runtime.path, electron: runtime.kind === 'electron' };
  const { client, ...reached } = await launchEngine(how, folder, shared);
  try {
    await record({ ...reached, pid: client.info.pid, runtime });
  } catch (error) {
    start.logger.warn(`Other windows will not find this engine: ${String(error)}`);
  }
  return { client, runtime };
}

/** undefined where the record is of an engine that is gone. */
async function joinRecorded(record: EngineRecord, wish: EngineWish): Promise<FoundEngine | undefined> {
  const logger = subLogger(wish.logger, 'engine');
  const socket = await tryConnect(record.socketPath).catch(() => undefined);
  if (socket === undefined) return undefined;
  let process: JoinedProcess | undefined;
  try {
    process = new JoinedProcess(record.pid, record.logPath);
    const client = await attach({
      ...{ process, logger, signal: wish.signal },
      ...{ token: record.token, shared: true, timeoutMs: joinTimeoutMs },
      open: () => Promise.resolve(socket),
    });
    return { client, runtime: record.runtime };
  } catch (error) {
    socket.destroy();
    process?.release();
    if (wish.signal.aborted || EngineError.is(error, 'startTimeout')) throw error;
    logger.info(`The engine that other windows use cannot be joined: ${String(error)}`);
    return undefined;
  }
}

/** Resolves once an engine that takes no more clients is gone, or hangs. */
async function ending({ pid, logPath }: EngineRecord, { logger }: EngineWish): Promise<void> {
  if (!existsSync(logPath)) return;
  const process = new JoinedProcess(pid, logPath);
  await new ProcessWatch(process, subLogger(logger, 'engine')).endsUnlessSilent(silenceMs);
  process.release();
}
