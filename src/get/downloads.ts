import { rm, rmdir } from 'node:fs/promises';
import * as path from 'node:path';
import { CancelledError } from '../errors';
import { bytesThere } from '../fetch/bytesThere';
import { ownerOf } from '../fetch/owner';
import type { DownloadView, RunningDownloads } from '../protocol/downloads';
import type { FetchMessage } from '../protocol/fetch';
import { leftOvers, type ModelRequest } from '../protocol/hub';
import { downloadId, type DownloadRecord, type DownloadRecords } from './downloadRecords';

/** What is thrown away only after a question, bytes. */
const worthAsking = 1e9;

export interface DownloadsDeps {
  records: Pick<DownloadRecords, 'all' | 'keep' | 'remove'>;
  /** Brings the model and returns its path. Rejects with `DownloadError`, or `CancelledError` after an abort. */
  fetch: (
    request: ModelRequest,
    onMessage: (message: FetchMessage) => void,
    signal: AbortSignal,
  ) => Promise<string>;
  /** Asks whether a half-done download shall be thrown away. Bytes. */
  mayThrowAway: (label: string, done: number) => Promise<boolean>;
  /** In one message with the next step. */
  describe: (error: unknown, record: DownloadRecord) => string | undefined;
  onDone: (record: DownloadRecord, path: string) => void;
  onFailed: (record: DownloadRecord, error: unknown) => void;
}

interface Download {
  record: DownloadRecord;
  view: DownloadView;
  /** While a process brings it. */
  run: { abort: AbortController; end: Promise<void> } | undefined;
}

/** The downloads of this window. What does not end here goes on at another start, from where it was. */
export class Downloads implements RunningDownloads {
  private readonly downloads = new Map<string, Download>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly deps: DownloadsDeps) {}

  /** Takes up, paused, what an earlier window left. Returns how many. */
  async restore(): Promise<number> {
    for (const record of await this.deps.records.all()) {
      if (this.downloads.has(record.id) || (await ownerOf(targetOf(record))) !== undefined) continue;
      const done = await Promise.all(
        record.files.map((file) => bytesThere(path.join(record.folder, nameOf(file.path)), file.bytes)),
      );
      this.add(record).view.done = done.reduce((sum, bytes) => sum + bytes, 0);
    }
    this.tell();
    return this.downloads.size;
  }

  /** Begins a download, or goes on with it. */
  async start(request: ModelRequest, label: string): Promise<void> {
    const id = downloadId(request);
    const download = this.downloads.get(id) ?? this.add({ ...request, id, label });
    await this.deps.records.keep(download.record);
    this.resume(id);
  }

  list(): DownloadView[] {
    return [...this.downloads.values()].map(({ view }) => ({ ...view }));
  }

  onDidChange(listener: () => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }

  resume(id: string): void {
    const download = this.downloads.get(id);
    if (download === undefined || download.run !== undefined) return;
    const abort = new AbortController();
    download.run = { abort, end: this.bring(download, abort.signal) };
  }

  /** What came stays. */
  async pause(id: string): Promise<void> {
    const run = this.downloads.get(id)?.run;
    run?.abort.abort();
    await run?.end;
  }

  /** Throws away what came, after a question where that is much. */
  async cancel(id: string): Promise<void> {
    const download = this.downloads.get(id);
    if (download === undefined) return;
    const { record, view } = download;
    if (view.done > worthAsking && !(await this.deps.mayThrowAway(view.label, view.done))) return;
    await this.pause(id);
    // It may have ended while the question stood.
    if (!this.downloads.delete(id)) return;
    this.tell();
    await this.deps.records.remove(id);
    await removeLeftOvers(record);
  }

  /** Ends the processes; the downloads go on at the next start. */
  dispose(): void {
    for (const { run } of this.downloads.values()) run?.abort.abort();
  }

  private add(record: DownloadRecord): Download {
    const { id, label, files } = record;
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const view: DownloadView = { id, label, done: 0, total, bytesPerSecond: 0, state: 'paused' };
    const download: Download = { record, view, run: undefined };
    this.downloads.set(id, download);
    return download;
  }

  /** Never rejects. */
  private async bring(download: Download, signal: AbortSignal): Promise<void> {
    const { record, view } = download;
    const show = (change: Partial<DownloadView>) => {
      Object.assign(view, change);
      this.tell();
    };
    delete view.problem;
    show({ state: 'running', bytesPerSecond: 0 });
    try {
      const onMessage = (message: FetchMessage) => {
        if (message.kind === 'progress') {
          show({ state: 'running', done: message.done, bytesPerSecond: message.bytesPerSecond });
        } else if (message.kind === 'verifying') show({ state: 'verifying', bytesPerSecond: 0 });
      };
      const file = await this.deps.fetch(record, onMessage, signal);
      this.downloads.delete(record.id);
      await this.deps.records.remove(record.id);
      this.tell();
      this.deps.onDone(record, file);
    } catch (error) {
      download.run = undefined;
      const problem = CancelledError.is(error) ? undefined : this.deps.describe(error, record);
      show({
        ...{ bytesPerSecond: 0, state: problem === undefined ? 'paused' : 'failed' },
        ...(problem !== undefined && { problem }),
      });
      if (problem !== undefined) this.deps.onFailed(record, error);
    }
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

function nameOf(file: string): string {
  return path.posix.basename(file);
}

function targetOf({ folder, files }: DownloadRecord): string {
  return path.join(folder, nameOf(files[0]?.path ?? ''));
}

async function removeLeftOvers({ folder, files }: DownloadRecord): Promise<void> {
  const names = files.flatMap((file) => leftOvers(nameOf(file.path)));
  await Promise.all(names.map((name) => rm(path.join(folder, name), { force: true, maxRetries: 3 })));
  // `owner/name`, where nothing else is in them.
  await rmdir(folder).catch(() => undefined);
  await rmdir(path.dirname(folder)).catch(() => undefined);
}
