import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineRecord } from '../../../src/engineClient/engineRecord';
import { Rendezvous, watchRecords } from '../../../src/engineClient/rendezvous';
import { CancelledError } from '../../../src/errors';
import { never, runtime } from './supervisorFixture';

let folder: string;
let program: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lct-'));
  program = join(folder, 'engine.mjs');
  await writeFile(program, '');
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const record: EngineRecord = {
  pid: 4711,
  socketPath: '/run/e.sock',
  token: 'secret',
  logPath: '/run/e.log',
  runtime: { ...runtime, hostBufferLimitBytes: 7 },
};

async function recordPath(): Promise<string> {
  const [name = ''] = (await readdir(folder)).filter((found) => found.startsWith('engine-'));
  return join(folder, name);
}

describe('a record', () => {
  it('is found by those that want the same engine, and by nobody else', async () => {
    await (await Rendezvous.at(folder, program, 'cpu')).write(record);
    expect(await (await Rendezvous.at(folder, program, 'cpu')).read()).toEqual(record);
    expect(await (await Rendezvous.at(folder, program, 'auto')).read()).toBeUndefined();
    // An update of the extension, or a new build.
    await writeFile(program, 'changed');
    expect(await (await Rendezvous.at(folder, program, 'cpu')).read()).toBeUndefined();
  });

  it('can be read by its user alone', async (context) => {
    if (process.platform === 'win32') context.skip('Windows has no such modes');
    await (await Rendezvous.at(folder, program, 'cpu')).write(record);
    expect((await stat(await recordPath())).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{"pid":1', '{"pid":0,"socketPath":"x"}'])('is none where the file says %j', async (text) => {
    const rendezvous = await Rendezvous.at(folder, program, 'cpu');
    await rendezvous.write(record);
    await writeFile(await recordPath(), text);
    expect(await rendezvous.read()).toBeUndefined();
  });

  it('is told of when it is written', async () => {
    const rendezvous = await Rendezvous.at(folder, program, 'cpu');
    let told = 0;
    const watching = watchRecords(folder, () => told++);
    await rendezvous.write(record);
    await expect.poll(() => told).toBeGreaterThan(0);
    watching.dispose();
  });
});

describe('the lock', () => {
  it('lets one window at a time start an engine', async () => {
    const events: string[] = [];
    const start = async (name: string) => {
      const rendezvous = await Rendezvous.at(folder, program, 'cpu');
      await rendezvous.exclusively(never, async () => {
        events.push(`${name} begins`);
        await delay(60);
        events.push(`${name} ends`);
      });
    };
    await Promise.all(['a', 'b', 'c'].map(start));
    const order = events.filter((event) => event.endsWith('begins')).map((event) => event[0]);
    expect(events).toEqual(order.flatMap((name) => [`${name} begins`, `${name} ends`]));
    expect(order.length).toBe(3);
  });

  it('is given back after a failure', async () => {
    const rendezvous = await Rendezvous.at(folder, program, 'cpu');
    const failed = rendezvous.exclusively(never, () => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    expect(await rendezvous.exclusively(never, () => Promise.resolve(7))).toBe(7);
  });

  it('need not be waited for', async () => {
    const rendezvous = await Rendezvous.at(folder, program, 'cpu');
    const abort = new AbortController();
    await rendezvous.exclusively(never, async () => {
      const waiting = rendezvous.exclusively(abort.signal, () => Promise.resolve());
      setTimeout(() => abort.abort(), 80);
      await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    });
  });
});
