import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Disposable } from 'vscode-jsonrpc';
import { CancelledError } from '../errors';
import { protocolVersion, type BackendChoice } from '../protocol/engine';
import { parseRecord, type EngineRecord } from './engineRecord';

/** A lock that was not renewed for so long belongs to a window that is gone, ms. */
const staleLockMs = 5_000;
const retryMs = 50;

const recordName = /^engine-[0-9a-f]{12}\.json$/;

/** Where the windows that want the same engine meet. */
export class Rendezvous {
  private constructor(private readonly path: string) {}

  /** The same program, as it lies there now, with the same protocol and backend is the same engine. */
  static async at(folder: string, enginePath: string, backend: BackendChoice): Promise<Rendezvous> {
    const { mtimeMs, size } = await stat(enginePath);
    const identity = JSON.stringify([enginePath, mtimeMs, size, protocolVersion, backend]);
    const name = createHash('sha256').update(identity).digest('hex').slice(0, 12);
    return new Rendezvous(join(folder, `engine-${name}.json`));
  }

  async read(): Promise<EngineRecord | undefined> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined);
    return text === undefined ? undefined : parseRecord(text);
  }

  /** Beside and renamed: whoever reads finds all of it. */
  async write(record: EngineRecord): Promise<void> {
    const beside = `${this.path}.${process.pid}`;
    await writeFile(beside, JSON.stringify(record), { mode: 0o600 });
    await rename(beside, this.path);
  }

  /** Lets one window at a time start an engine. Rejects with `CancelledError` where `signal` is aborted in the queue. */
  async exclusively<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const release = await this.lock(signal);
    try {
      return await run();
    } finally {
      await release().catch(() => undefined);
    }
  }

  private async lock(signal: AbortSignal): Promise<() => Promise<void>> {
    // Loaded here: most windows find an engine or start none.
    const { default: lockfile } = await import('proper-lockfile');
    for (;;) {
      if (signal.aborted) throw new CancelledError();
      try {
        return await lockfile.lock(this.path, {
          realpath: false,
          stale: staleLockMs,
          // A window that hung may find another engine started: it goes on with its own.
          onCompromised: () => undefined,
        });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
        await delay(retryMs);
      }
    }
  }
}

/** Calls back whenever a record was written. Where the system cannot watch, a window finds engines only by asking. */
export function watchRecords(folder: string, onWritten: () => void): Disposable {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name !== null && recordName.test(name)) onWritten();
    });
    watcher.on('error', () => watcher.close());
    return Disposable.create(() => watcher.close());
  } catch {
    return Disposable.create(() => undefined);
  }
}
