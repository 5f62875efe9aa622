import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancelledError } from '../../../src/errors';
import { DownloadError, fetchEnvironment, runFetch } from '../../../src/models/fetchProcess';
import type { FetchMessage } from '../../../src/protocol/fetch';

let folder = '';
let messages: FetchMessage[] = [];
let logged: string[] = [];
const logger = {
  trace: () => undefined,
  debug: (line: string) => logged.push(line),
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'layercake-run-'));
  messages = [];
  logged = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs a script in place of the download process. */
async function run(source: string, signal = new AbortController().signal, proxy = ''): Promise<string> {
  const script = path.join(folder, 'fake.mjs');
  await writeFile(script, `const say = (m) => console.log(JSON.stringify(m));\n${source}`);
  return runFetch({
    runtime: process.execPath,
    script,
    arguments: ['starter', '--to', '/there'],
    onMessage: (message) => messages.push(message),
    signal,
    logger,
    proxy,
  });
}

const progress = { kind: 'progress', source: 'hub', done: 1, total: 2, bytesPerSecond: 3 };

describe('runFetch', () => {
  it('passes messages on and resolves with the path', async () => {
    const result = await run(`
      say({kind: 'trying', source: 'hub', why: ''});
      console.log('a library speaks');
      say(${JSON.stringify(progress)});
      say({kind: 'done', path: process.argv.slice(2).join(' ')});`);
    expect(result).toBe('starter --to /there --stop-with-input');
    expect(messages).toEqual([{ kind: 'trying', source: 'hub', why: '' }, progress]);
    expect(logged).toContain('a library speaks');
  });

  it('rejects with the reason that the process gives', async () => {
    const error: unknown = await run(
      `say({kind: 'failed', reason: 'noSpace', detail: 'full'}); process.exitCode = 1;`,
    ).catch((thrown: unknown) => thrown);
    expect(DownloadError.is(error, 'noSpace') && error.detail).toBe('full');
  });

  it('names the end of a process that said nothing', async () => {
    await expect(run(`console.error('it broke'); process.exit(7);`)).rejects.toMatchObject({
      reason: 'internal',
      detail: 'the download process ended with code 7: it broke',
    });
  });

  it('names a runtime that does not start', async () => {
    const starting = runFetch({
      runtime: path.join(folder, 'nothing'),
      script: 'x',
      arguments: [],
      onMessage: () => undefined,
      signal: new AbortController().signal,
      logger,
    });
    await expect(starting).rejects.toMatchObject({
      reason: 'internal',
      detail: expect.stringContaining('ENOENT') as string,
    });
  });

  it('ends the input on an abort, so that the process can clean up', async () => {
    const abort = new AbortController();
    const running = run(
      `say(${JSON.stringify(progress)});
       process.stdin.on('end', () => { console.log('cleaned up'); say({kind: 'failed', reason: 'cancelled', detail: ''}); process.exit(1); }).resume();
       setInterval(() => undefined, 1000);`,
      abort.signal,
    );
    await vi.waitFor(() => expect(messages).toHaveLength(1), 5000);
    abort.abort();
    await expect(running).rejects.toBeInstanceOf(CancelledError);
    expect(logged).toContain('cleaned up');
  });

  it('kills a process that does not end by itself', async () => {
    const abort = new AbortController();
    const running = run(
      `say(${JSON.stringify(progress)}); setInterval(() => undefined, 1000);`,
      abort.signal,
    );
    await vi.waitFor(() => expect(messages).toHaveLength(1), 5000);
    abort.abort();
    await expect(running).rejects.toBeInstanceOf(CancelledError);
  });

  it('starts nothing once aborted', async () => {
    await expect(run(`say({kind: 'done', path: 'x'})`, AbortSignal.abort())).rejects.toBeInstanceOf(
      CancelledError,
    );
    expect(messages).toEqual([]);
  });
});

describe('fetchEnvironment', () => {
  it('keeps what pip and npm are configured by, and adds the editor’s proxy where none is set', () => {
    const own = {
      PIP_INDEX_URL: 'https://index.example',
      NODE_OPTIONS: '--inspect',
      HTTPS_PROXY: 'http://mine',
    };
    expect(fetchEnvironment(own, 'http://editor')).toEqual({
      PIP_INDEX_URL: 'https://index.example',
      HTTP_PROXY: 'http://editor',
      HTTPS_PROXY: 'http://mine',
      ELECTRON_RUN_AS_NODE: '1',
      NODE_USE_ENV_PROXY: '1',
    });
    expect(fetchEnvironment({}, '')).not.toHaveProperty('HTTP_PROXY');
  });
});
