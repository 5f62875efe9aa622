import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { formatHashFile, hashFileOf } from '../protocol/hashFile';
import { uncheckedName, type HubFile, type ModelRequest } from '../protocol/hub';
import { bytesThere } from './bytesThere';
import { FetchError, toFetchError } from './fetchError';
import { hubDefaults } from './hub';
import { fileAddress } from './hubAddress';
import { askHub } from './hubAnswer';
import { own } from './owner';
import { ProgressMeter, type Report } from './progressMeter';
import { cutProgress, distrustLastPieces } from './resumePoint';
import { transferFile } from './transfer';
import { isPinnedFile, verifyFile } from './verify';
import { transferWhole } from './wholeTransfer';
import { needSpace } from './workFolder';

export interface HubModelOptions {
  report: Report;
  signal: AbortSignal;
  silenceMs?: number;
  /** Bytes that the disk of a folder has left; undefined where it does not tell. */
  freeBytes?: (folder: string) => Promise<number | undefined>;
}

interface Wanted extends HubFile {
  target: string;
  /** All of it, not yet compared with its hash. */
  unchecked: string;
}

/**
 * Brings the files of a model into a folder and returns the path of the first. What an earlier run left is gone on
 * with. The files get their names when all sizes and hashes are right, the first one last.
 * @throws FetchError, or what the signal was aborted with; what came so far stays for the next run
 */
export async function fetchHubModel(request: ModelRequest, options: HubModelOptions): Promise<string> {
  const { folder, files } = request;
  const wanted = files.map((file): Wanted => {
    const target = path.join(folder, path.posix.basename(file.path));
    return { ...file, target, unchecked: uncheckedName(target) };
  });
  const [first] = wanted;
  if (first === undefined) throw new FetchError('badRequest', 'no file is named');
  try {
    await mkdir(folder, { recursive: true });
    const release = await own(first.target);
    try {
      await bringAll(wanted, request, options);
      for (const file of wanted.toReversed()) await finish(file);
      return first.target;
    } finally {
      await release();
    }
  } catch (error) {
    options.signal.throwIfAborted();
    throw toFetchError(error);
  }
}

async function bringAll(
  files: readonly Wanted[],
  request: ModelRequest,
  options: HubModelOptions,
): Promise<void> {
  const { report, signal, freeBytes } = options;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const there = await Promise.all(files.map(({ target, bytes }) => bytesThere(target, bytes)));
  const missing = total - there.reduce((sum, bytes) => sum + bytes, 0);
  await needSpace(request.folder, missing, freeBytes);
  const meter = new ProgressMeter('hub', report);
  const verified = new ProgressMeter('hub', (message) => {
    if (message.kind === 'progress') report({ kind: 'verifying', done: message.done, total });
  });
  let before = 0;
  for (const file of files) {
    const onVerified = (done: number) => verified.update(before + done, total);
    const onProgress = (done: number) => meter.update(before + Math.min(done, file.bytes), total);
    if (!(await isPinnedFile(file.target, file, signal, onVerified))) {
      signal.throwIfAborted();
      if (!(await exists(file.unchecked))) await bring(file, request, options, onProgress);
      await check(file, onVerified, signal);
    }
    before += file.bytes;
  }
}

/** Transfers one file, with a new address from the hub as often as one expires under way. */
async function bring(
  file: Wanted,
  request: ModelRequest,
  { signal, silenceMs = hubDefaults.silenceMs }: HubModelOptions,
  onProgress: (done: number) => void,
): Promise<void> {
  const url = fileAddress(request.endpoint, { ...request, path: file.path });
  const transfer = { url, folder: request.folder, fileName: path.basename(file.unchecked), silenceMs };
  if (!(await givesRanges(url, file, signal))) {
    await transferWhole(transfer, onProgress, signal);
    return;
  }
  for (;;) {
    await distrustLastPieces(`${file.unchecked}.ipull`, file.bytes);
    let start: number | undefined;
    let reached = 0;
    try {
      await transferFile(
        transfer,
        (done) => {
          start ??= done;
          reached = done;
          onProgress(done);
        },
        signal,
      );
      await cutProgress(file.unchecked, file.bytes);
      return;
    } catch (error) {
      signal.throwIfAborted();
      const gained = reached - (start ?? reached);
      if (!(isRefusal(error) && gained > 0)) throw error;
    }
  }
}

/** Asks for one byte: whether the file is there, of the right size, and can be had in pieces. */
async function givesRanges(url: string, { bytes }: HubFile, signal: AbortSignal): Promise<boolean> {
  const headers = { range: 'bytes=0-0', 'accept-encoding': 'identity' };
  const response = await askHub(url, { headers }, signal);
  await response.body?.cancel();
  const pieces = response.status === 206 && response.headers.get('accept-ranges') === 'bytes';
  const size =
    response.status === 206
      ? /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]
      : response.headers.get('content-length');
  if (size !== null && size !== undefined && Number(size) !== bytes) {
    throw new FetchError('wrongContent', `the server has ${size} bytes instead of ${bytes}`);
  }
  return pieces;
}

/** A signed address that has expired is answered like this; the library gives it up at once. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error && 'statusCode' in error && [401, 403, 404, 410].includes(Number(error.statusCode))
  );
}

/** Throws away what is not what the hub said. */
async function check(file: Wanted, onProgress: (done: number) => void, signal: AbortSignal): Promise<void> {
  try {
    await verifyFile(file.unchecked, file, signal, onProgress);
  } catch (error) {
    if (FetchError.is(error, 'wrongContent')) await rm(file.unchecked, { force: true });
    throw error;
  }
}

/** Gives it its name, and leaves its hash beside it, by which it can be verified later. */
async function finish({ unchecked, target, sha256 }: Wanted): Promise<void> {
  if (!(await exists(unchecked))) return;
  await writeFile(hashFileOf(target), formatHashFile(sha256, path.basename(target)));
  await rename(unchecked, target);
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}
