import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { shapeOf } from '../../src/plan/shapeOf';
import { parseFetchLine, stopWithInput, type FetchMessage } from '../../src/protocol/fetch';
import { tokenVariable, type HubFiles } from '../../src/protocol/hub';
import { hashOf, HubStand } from '../support/hubStand';
import { writeScriptedModel } from '../support/scriptedModel';

const script = path.join(__dirname, '../../dist/fetch.mjs');
const mebibyte = 2 ** 20;
/** Of 5 MiB each, the downloader's pieces: eight and a bit, twenty-four. */
const largeBytes = 40 * mebibyte + 12_345;
const largerBytes = 120 * mebibyte;
const name = 'someone/Test-GGUF';

let root = '';
let folder = '';
let large = '';
let larger = '';
/** SHA-256 of both. */
let hash = '';
let largerHash = '';
let stand: HubStand;
let children: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'layercake-hub-'));
  large = path.join(root, 'large.gguf');
  await writeFile(large, randomBytes(largeBytes));
  larger = path.join(root, 'larger.gguf');
  await writeFile(larger, randomBytes(largerBytes));
  [hash, largerHash] = [await hashOf(large), await hashOf(larger)];
  await writeScriptedModel(path.join(root, '70B.gguf'), { shape: '70B', quant: 'Q4_K_M' });
});
beforeEach(async () => {
  folder = path.join(root, 'models');
  stand = await new HubStand().start();
  await stand.add({
    name,
    downloads: 7,
    files: [
      { path: 'Test-Q4_K_M.gguf', file: path.join(root, '70B.gguf'), sha256: '7'.repeat(64) },
      { path: 'Test-Q8_0.gguf', file: large, sha256: hash },
      { path: 'mmproj-Test-F16.gguf', file: large, sha256: hash },
    ],
  });
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  stand.stop();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => rm(root, { recursive: true }));

interface Run {
  child: ChildProcess;
  messages: FetchMessage[];
  /** What it ended with; undefined where it was killed. */
  end: Promise<FetchMessage | undefined>;
}

function start(kind: string, request: object, token?: string): Run {
  const environment = { ...process.env, [tokenVariable]: token ?? '' };
  const child = spawn(
    process.execPath,
    [script, kind, '--request', JSON.stringify({ endpoint: stand.endpoint, ...request }), stopWithInput],
    { stdio: ['pipe', 'pipe', 'inherit'], env: environment },
  );
  children.push(child);
  const messages: FetchMessage[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = parseFetchLine(line);
      if (message !== undefined) messages.push(message);
    }
  });
  const isEnd = ({ kind }: FetchMessage) => kind === 'done' || kind === 'failed';
  return { child, messages, end: once(child, 'close').then(() => messages.find(isEnd)) };
}

async function answers(kind: string, request: object): Promise<unknown[]> {
  const { end, messages } = start(kind, request);
  expect(await end).toEqual({ kind: 'done', path: '' });
  return messages.flatMap((message) => (message.kind === 'answer' ? [message.value] : []));
}

async function listed(): Promise<HubFiles> {
  const [files] = await answers('repository', { repository: name });
  return files as HubFiles;
}

/** A download of the large file. */
async function download(token?: string): Promise<Run> {
  const { repository, revision, files } = await listed();
  const wanted = files.filter(({ path }) => path === 'Test-Q8_0.gguf');
  return start('model', { repository, revision, folder, files: wanted }, token);
}

/** Bytes, of the first and of the last report of progress. */
const firstDone = (messages: FetchMessage[]) => doneOf(messages.find(({ kind }) => kind === 'progress'));
const lastDone = (messages: FetchMessage[]) => doneOf(messages.findLast(({ kind }) => kind === 'progress'));
const doneOf = (message: FetchMessage | undefined) => (message?.kind === 'progress' ? message.done : 0);

const target = () => path.join(folder, 'Test-Q8_0.gguf');

describe('questions', () => {
  it('finds repositories by their names', async () => {
    await stand.add({ name: 'other/Test-too', gated: true, downloads: 9, files: [] });
    await stand.add({ name: 'other/thing', files: [] });
    expect(await answers('search', { text: 'test', limit: 10 })).toEqual([
      [
        { name: 'other/Test-too', downloads: 9, likes: 3, gated: true },
        { name, downloads: 7, likes: 3, gated: false },
      ],
    ]);
  });

  it('lists the models of a repository at one commit, with sizes and hashes', async () => {
    expect(await listed()).toEqual({
      repository: name,
      revision: 'c0ffee'.padEnd(40, '0'),
      gated: false,
      files: [
        {
          path: 'Test-Q4_K_M.gguf',
          bytes: (await stat(path.join(root, '70B.gguf'))).size,
          sha256: '7'.repeat(64),
        },
        { path: 'Test-Q8_0.gguf', bytes: largeBytes, sha256: hash },
      ],
    });
  });

  it('reads what a plan needs of a 40 GiB file, in at most 8 MiB', async () => {
    const { revision } = await listed();
    const before = stand.bytesSent;
    const [header] = await answers('header', { repository: name, revision, paths: ['Test-Q4_K_M.gguf'] });
    const sent = stand.bytesSent - before;
    const shape = shapeOf(await readGgufHeader(path.join(root, '70B.gguf')));
    expect(header).toMatchObject({
      path: 'Test-Q4_K_M.gguf',
      shape: JSON.parse(JSON.stringify(shape)) as object,
    });
    expect((await stat(path.join(root, '70B.gguf'))).size).toBeGreaterThan(39 * 2 ** 30);
    expect(sent).toBeLessThanOrEqual(8 * mebibyte);
    console.log(`Header of a 39.6 GiB file: ${(sent / mebibyte).toFixed(1)} MiB were sent.`);
  });

  it('tells of a file that is no model, and goes on with the next', async () => {
    const { revision } = await listed();
    const paths = ['Test-Q8_0.gguf', 'Test-Q4_K_M.gguf'];
    const [first, second] = await answers('header', { repository: name, revision, paths });
    expect(first).toEqual({ path: paths[0], problem: 'the file does not begin with "GGUF"' });
    expect(second).toMatchObject({ path: paths[1], shape: { totalLayers: 81 } });
  });

  it.each([
    ['repository', { repository: 'nobody/nothing' }, 'missing', 'HTTP 401 RepoNotFound'],
    ['repository', { repository: '../secrets' }, 'badRequest', /--request is none/],
    [
      'model',
      { repository: name, revision: 'x', folder: '/', files: [{ path: '../a.gguf' }] },
      'badRequest',
      /./,
    ],
    ['search', { endpoint: 'http://192.0.2.1', text: 'a', limit: 1 }, 'insecure', 'http://192.0.2.1'],
    ['search', { endpoint: 'http://127.0.0.1:9', text: 'a', limit: 1 }, 'noSource', /fetch failed/],
  ] as const)('%s of %j is refused as %s', async (kind, request, reason, detail) => {
    const end = await start(kind, request).end;
    expect(end).toMatchObject({ kind: 'failed', reason });
    expect(end?.kind === 'failed' && end.detail).toMatch(detail);
  });
});

describe('a download', () => {
  it('comes over several connections, is checked, and gets its name then', async () => {
    const { end, messages } = await download();
    expect(await end).toEqual({ kind: 'done', path: target() });
    expect(await hashOf(target())).toBe(hash);
    expect((await readdir(folder)).sort()).toEqual(['Test-Q8_0.gguf', 'Test-Q8_0.gguf.sha256']);
    expect(messages.findLast(({ kind }) => kind === 'progress')).toMatchObject({
      done: largeBytes,
      total: largeBytes,
    });
    expect(messages.findLast(({ kind }) => kind === 'verifying')).toEqual({
      ...{ kind: 'verifying', done: largeBytes, total: largeBytes },
    });
    const pieces = stand.requests.filter(({ host, range }) => host === 'cdn' && range !== 'bytes=0-0');
    expect(new Set(pieces.map(({ range }) => range)).size).toBeGreaterThan(3);
  });

  it('goes on where it was, killed ten times at random', async () => {
    await stand.add({ name, files: [{ path: 'Test-Q8_0.gguf', file: larger, sha256: largerHash }] });
    stand.bytesPerSecond = 12 * mebibyte;
    const begun: number[] = [];
    const reached: number[] = [];
    while (reached.length < 10) {
      const { child, messages, end } = await download();
      const isRunning = () => messages.some(({ kind }) => kind === 'progress') || child.exitCode !== null;
      await expect.poll(isRunning, { timeout: 20_000, interval: 20 }).toBe(true);
      await setTimeout(500 + Math.random() * 1500);
      child.kill('SIGKILL');
      begun.push(firstDone(messages));
      if ((await end) === undefined) {
        reached.push(lastDone(messages));
        expect(await readdir(folder)).not.toContain('Test-Q8_0.gguf');
      } else {
        // It was quicker than its end: from nothing, so that there are ten.
        expect(await hashOf(target())).toBe(largerHash);
        await rm(target());
      }
    }
    stand.bytesPerSecond = Infinity;
    const { end } = await download();
    expect(await end).toEqual({ kind: 'done', path: target() });
    expect(await hashOf(target())).toBe(largerHash);
    expect((await readdir(folder)).sort()).toEqual(['Test-Q8_0.gguf', 'Test-Q8_0.gguf.sha256']);
    const inMiB = (bytes: number[]) => bytes.map((each) => Math.round(each / mebibyte)).join(', ');
    console.log(`Of 120 MiB, killed at ${inMiB(reached)}; begun at ${inMiB(begun)}.`);
    expect(begun.filter((bytes) => bytes >= 5 * mebibyte).length).toBeGreaterThanOrEqual(3);
  });

  it('stops when asked, keeps what came, and goes on', async () => {
    stand.bytesPerSecond = 4 * mebibyte;
    const { child, messages, end } = await download();
    await expect.poll(() => lastDone(messages), { timeout: 20_000 }).toBeGreaterThan(17 * mebibyte);
    child.stdin?.end();
    expect(await end).toMatchObject({ kind: 'failed', reason: 'cancelled' });
    expect(await readdir(folder)).toEqual(['Test-Q8_0.gguf.unchecked.ipull']);
    stand.bytesPerSecond = Infinity;
    const again = await download();
    expect(await again.end).toEqual({ kind: 'done', path: target() });
    expect(await hashOf(target())).toBe(hash);
    expect(firstDone(again.messages)).toBeGreaterThanOrEqual(5 * mebibyte);
  });

  it('outlives connections that are cut', async () => {
    stand.cutAfter = 7 * mebibyte;
    expect(await (await download()).end).toEqual({ kind: 'done', path: target() });
    expect(await hashOf(target())).toBe(hash);
  });

  it('asks for a new address where the signed one has expired', async () => {
    stand.requestsPerAddress = 5;
    expect(await (await download()).end).toEqual({ kind: 'done', path: target() });
    expect(await hashOf(target())).toBe(hash);
  });

  it('is thrown away where one byte is wrong', async () => {
    stand.wrongByte = 20 * mebibyte;
    const end = await (await download()).end;
    expect(end).toMatchObject({ kind: 'failed', reason: 'wrongContent' });
    expect(end?.kind === 'failed' && end.detail).toMatch(/^SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}$/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('comes in one piece from a server without ranges', async () => {
    stand.ranges = false;
    expect(await (await download()).end).toEqual({ kind: 'done', path: target() });
    expect(await hashOf(target())).toBe(hash);
  });

  it('is refused where another process brings the same file', async () => {
    stand.bytesPerSecond = 4 * mebibyte;
    const first = await download();
    await expect.poll(() => first.messages.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await (await download()).end).toMatchObject({ kind: 'failed', reason: 'busy' });
  });
});

describe('the token', () => {
  beforeEach(async () => {
    await stand.add({ name, gated: true, files: [{ path: 'Test-Q8_0.gguf', file: large, sha256: hash }] });
  });

  it('is asked for by a gated repository, and never carried to the host that has the bytes', async () => {
    expect(await (await download()).end).toMatchObject({
      ...{ kind: 'failed', reason: 'gated', detail: 'HTTP 401 GatedRepo' },
    });
    expect(await (await download('hf_wrong')).end).toMatchObject({
      ...{ kind: 'failed', reason: 'gated', detail: 'HTTP 403 GatedRepo' },
    });
    stand.requests.length = 0;
    expect(await (await download('hf_right')).end).toEqual({ kind: 'done', path: target() });
    const sentTo = (host: string) =>
      new Set(stand.requests.filter((each) => each.host === host).map((each) => each.authorization));
    expect(sentTo('cdn')).toEqual(new Set([undefined]));
    expect(sentTo('hub')).toContain('Bearer hf_right');
  });

  it('goes to no address that is not encrypted, nor does anything else', async () => {
    stand.redirect = 'http://192.0.2.1/blob';
    expect(await (await download('hf_right')).end).toEqual({
      ...{ kind: 'failed', reason: 'insecure', detail: 'http://192.0.2.1' },
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

it('brings the parts of a split model, the first name last', async () => {
  const parts = ['Split-00001-of-00002.gguf', 'Split-00002-of-00002.gguf'];
  const contents = [randomBytes(3_000_000), randomBytes(2_000_000)];
  for (const [i, part] of parts.entries()) await writeFile(path.join(root, part), contents[i] ?? '');
  await stand.add({
    name: 'someone/Split',
    files: parts.map((part) => ({ path: `Q4/${part}`, file: path.join(root, part) })),
  });
  const [about] = await answers('repository', { repository: 'someone/Split' });
  const { repository, revision, files } = about as HubFiles;
  const end = await start('model', { repository, revision, folder, files }).end;
  expect(end).toEqual({ kind: 'done', path: path.join(folder, parts[0] ?? '') });
  expect((await readdir(folder)).sort()).toEqual(parts.flatMap((part) => [part, `${part}.sha256`]));
  expect(await readFile(path.join(folder, parts[1] ?? ''))).toEqual(contents[1]);
});
