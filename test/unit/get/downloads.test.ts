import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import { DownloadRecords } from '../../../src/get/downloadRecords';
import { Downloads, type DownloadsDeps } from '../../../src/get/downloads';
import { DownloadError } from '../../../src/models/fetchProcess';
import type { FetchMessage } from '../../../src/protocol/fetch';

let root = '';
let folder = '';

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'layercake-downloads-'));
  folder = path.join(root, 'models', 'a', 'b');
});
afterEach(() => rm(root, { recursive: true }));

const request = () => ({
  ...{ endpoint: 'https://hub', repository: 'a/b', revision: 'c', folder },
  files: [{ path: 'Q/m.gguf', bytes: 100, sha256: '0'.repeat(64) }],
});

/** A process that is told what to say. */
class Stand {
  readonly fetches: { say: (message: FetchMessage) => void; end: (result: string | Error) => void }[] = [];
  readonly news: string[] = [];
  throwAway = true;
  readonly downloads: Downloads;

  constructor(readonly records = new DownloadRecords(path.join(root, 'records'))) {
    const fetch: DownloadsDeps['fetch'] = (_, say, signal) =>
      new Promise((resolve, reject) => {
        const end = (result: string | Error) =>
          typeof result === 'string' ? resolve(result) : reject(result);
        signal.addEventListener('abort', () => end(new CancelledError()));
        this.fetches.push({ say, end });
      });
    this.downloads = new Downloads({
      ...{ records, fetch },
      mayThrowAway: (label, done) => {
        this.news.push(`throw away ${label} ${done}?`);
        return Promise.resolve(this.throwAway);
      },
      describe: (error) => (CancelledError.is(error) ? undefined : String(error)),
      onDone: (_, file) => this.news.push(`done ${file}`),
      onFailed: (_, error) => this.news.push(`failed ${String(error)}`),
    });
  }

  async start() {
    await this.downloads.start(request(), 'B Q4_0');
    return this.fetches.at(-1) ?? expect.fail('nothing was fetched');
  }

  get view() {
    return this.downloads.list()[0];
  }
}

const progress = (done: number): FetchMessage => ({
  ...{ kind: 'progress', source: 'hub', done, total: 100, bytesPerSecond: 7 },
});

describe('Downloads', () => {
  it('shows how far one is, and tells that it has come', async () => {
    const stand = new Stand();
    let told = 0;
    stand.downloads.onDidChange(() => told++);
    const { say, end } = await stand.start();
    say(progress(40));
    expect(stand.view).toMatchObject({
      ...{ label: 'B Q4_0', state: 'running', done: 40, total: 100, bytesPerSecond: 7 },
    });
    say({ kind: 'verifying', done: 10, total: 100 });
    expect(stand.view).toMatchObject({ state: 'verifying', bytesPerSecond: 0 });
    end('/models/m.gguf');
    await expect.poll(() => stand.news).toEqual(['done /models/m.gguf']);
    expect([stand.downloads.list(), await stand.records.all()]).toEqual([[], []]);
    expect(told).toBeGreaterThanOrEqual(4);
  });

  it('is one download, however often it is asked for', async () => {
    const stand = new Stand();
    await stand.start();
    await stand.start();
    expect(stand.fetches).toHaveLength(1);
    expect(stand.downloads.list()).toHaveLength(1);
  });

  it('pauses and resumes', async () => {
    const stand = new Stand();
    const { say } = await stand.start();
    say(progress(40));
    const id = stand.view?.id ?? '';
    await stand.downloads.pause(id);
    expect(stand.view).toMatchObject({ state: 'paused', done: 40, bytesPerSecond: 0 });
    expect(await stand.records.all()).toHaveLength(1);
    stand.downloads.resume(id);
    expect(stand.view).toMatchObject({ state: 'running', done: 40 });
    expect(stand.fetches).toHaveLength(2);
    expect(stand.news).toEqual([]);
  });

  it('keeps a failed one with its cause, until it is tried again', async () => {
    const stand = new Stand();
    const { end } = await stand.start();
    end(new DownloadError('noSpace', 'full'));
    await expect.poll(() => stand.news).toEqual(['failed DownloadError: noSpace: full']);
    expect(stand.view).toMatchObject({ state: 'failed', problem: 'DownloadError: noSpace: full' });
    await stand.start();
    expect(stand.view).toMatchObject({ state: 'running' });
    expect(stand.view).not.toHaveProperty('problem');
  });

  it('throws away what came when cancelled, after a question where that is much', async () => {
    const stand = new Stand();
    const { say } = await stand.start();
    await writeFileIn(folder, 'm.gguf.unchecked.ipull');
    say({ ...progress(2e9), total: 3e9 } as FetchMessage);
    stand.throwAway = false;
    const id = stand.view?.id ?? '';
    await stand.downloads.cancel(id);
    expect(stand.view).toMatchObject({ state: 'running' });
    stand.throwAway = true;
    await stand.downloads.cancel(id);
    expect(stand.news).toEqual(['throw away B Q4_0 2000000000?', 'throw away B Q4_0 2000000000?']);
    expect([stand.downloads.list(), await stand.records.all()]).toEqual([[], []]);
    expect(await readdir(path.join(root, 'models'))).toEqual([]);
  });

  it('takes up, paused, what an earlier window left, but not what another one brings', async () => {
    const before = new Stand();
    await before.start();
    before.downloads.dispose();
    await writeFileIn(folder, 'm.gguf.unchecked.ipull', 'x'.repeat(50_000));
    const after = new Stand();
    expect(await after.downloads.restore()).toBe(1);
    expect(after.view).toMatchObject({ label: 'B Q4_0', state: 'paused', done: 100 });
    expect(after.fetches).toEqual([]);
    await writeFileIn(folder, 'm.gguf.owner', String(process.pid));
    expect(await new Stand().downloads.restore()).toBe(0);
  });

  it('passes over records that are none', async () => {
    const records = new DownloadRecords(path.join(root, 'records'));
    await records.keep({ ...request(), id: 'right', label: 'B' });
    await writeFileIn(path.join(root, 'records'), 'half.json', '{"id":"half"');
    await writeFileIn(
      path.join(root, 'records'),
      'other.json',
      JSON.stringify({ ...request(), id: 'x', label: 'B' }),
    );
    expect((await records.all()).map(({ id }) => id)).toEqual(['right']);
  });
});

async function writeFileIn(at: string, name: string, text = 'x'): Promise<void> {
  await mkdir(at, { recursive: true });
  await writeFile(path.join(at, name), text);
}
