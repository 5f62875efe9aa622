import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { readExit, RunFiles, sweepRunFiles } from '../../../src/engineClient/runFiles';
import { KeepingLogger } from './keepingLogger';

let temp: string;
beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'lct-'));
});
afterEach(() => rm(temp, { recursive: true, force: true }));

const filesIn = (path: string, isUsual = true) =>
  new RunFiles({ path, isUsual, refused: undefined }, 'linux');

describe('the files of a run', () => {
  it('lie in the private folder, under names of their own', () => {
    const [one, two] = [filesIn(temp), filesIn(temp)];
    expect(one.socketPath).toMatch(/\/e-[0-9a-f]{12}\.sock$/);
    expect(one.logPath).toBe(one.socketPath.replace(/sock$/, 'log'));
    expect(two.socketPath).not.toBe(one.socketPath);
  });

  it('keep for other windows how the process ended', async () => {
    const files = filesIn(temp);
    await writeFile(files.logPath, '');
    files.leaveExit({ code: null, signal: 'SIGKILL' });
    expect(readExit(files.logPath.replace(/log$/, 'exit'))).toEqual({ code: null, signal: 'SIGKILL' });
    expect(existsSync(files.logPath)).toBe(true);
  });

  it.each(['', '{', '{"code":"1","signal":null}'])('say nothing where the word is %j', async (text) => {
    const path = join(temp, 'e-000000000001.exit');
    await writeFile(path, text);
    expect(readExit(path)).toBeUndefined();
  });

  it('go with the folder that was made for one run', async () => {
    const folder = await mkdtemp(join(temp, 'own-'));
    const files = filesIn(folder, false);
    await writeFile(files.logPath, '');
    files.removeAll();
    expect(existsSync(folder)).toBe(false);
  });

  it('are a pipe on Windows', () => {
    const files = new RunFiles({ path: temp, isUsual: true, refused: undefined }, 'win32');
    expect(files.socketPath).toMatch(/^\\\\\.\\pipe\\layercake-e-[0-9a-f]{12}$/);
  });
});

describe('sweeping', () => {
  beforeEach((context) => skipWithoutUnixSockets(context));
  const old = new Date(Date.now() - 3_600_000);

  it('removes what is left of engines that nothing listens for, and nothing else', async () => {
    const dead = ['e-000000000001.sock', 'e-000000000001.log', 'e-000000000001.exit', 'e-000000000005.log'];
    const kept = ['e-000000000002.sock', 'e-000000000002.log', 'e-000000000003.sock', 'x.sock', 'x.log'];
    const [deadSocket = '', , , ...deadLogs] = dead.map((name) => join(temp, name));
    const [alive = '', aliveLog = '', young = '', ...foreign] = kept.map((name) => join(temp, name));
    for (const path of [deadSocket, young]) await leaveStaleSocket(path);
    const texts = [join(temp, 'e-000000000001.log'), join(temp, 'e-000000000001.exit'), ...deadLogs];
    for (const path of [...texts, aliveLog, ...foreign]) await writeFile(path, '');
    const server = createServer().listen(alive);
    await once(server, 'listening');
    for (const path of [deadSocket, ...texts, alive, aliveLog, ...foreign]) await utimes(path, old, old);

    await sweepRunFiles(temp, 'linux', new KeepingLogger());

    expect(dead.filter((name) => existsSync(join(temp, name)))).toEqual([]);
    expect(kept.filter((name) => existsSync(join(temp, name)))).toEqual(kept);
    server.close();
  });
});

/** A process that is killed cannot take its socket away. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
}

function skipWithoutUnixSockets(context: TestContext): void {
  if (process.platform === 'win32') context.skip('Windows has named pipes, not files, for sockets');
}
