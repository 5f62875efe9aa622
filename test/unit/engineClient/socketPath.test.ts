import { chmod, lstat, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import {
  createSocketLocation,
  sweepStaleSockets,
  type SocketSurroundings,
} from '../../../src/engineClient/socketPath';
import { KeepingLogger } from './keepingLogger';

let temp: string;
let logger: KeepingLogger;
let around: SocketSurroundings;

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'lct-'));
  logger = new KeepingLogger();
  around = { platform: 'linux', env: {}, tmpdir: temp, uid: userInfo().uid, logger };
});
afterEach(() => rm(temp, { recursive: true, force: true }));

const usualFolder = () => join(temp, `layercake-${userInfo().uid}`);

describe('the folder of the socket', () => {
  beforeEach((context) => skipWithoutUnixSockets(context));

  it('is made for this user alone', async () => {
    const location = await createSocketLocation(around);
    expect(dirname(location.path)).toBe(usualFolder());
    expect((await lstat(usualFolder())).mode & 0o777).toBe(0o700);
    expect(location.refused).toBeUndefined();
  });

  it('is in the runtime folder where there is one', async () => {
    const runtimeFolder = join(temp, 'run');
    await mkdir(runtimeFolder);
    const location = await createSocketLocation({ ...around, env: { XDG_RUNTIME_DIR: runtimeFolder } });
    expect(dirname(location.path)).toBe(join(runtimeFolder, 'layercake'));
  });

  it('gives each run another path', async () => {
    const [one, two] = [await createSocketLocation(around), await createSocketLocation(around)];
    expect(one.path).not.toBe(two.path);
  });

  it('is refused where it is a link, even to a good folder', async () => {
    const target = join(temp, 'target');
    await mkdir(target, { mode: 0o700 });
    await symlink(target, usualFolder());
    const location = await createSocketLocation(around);
    expect(location.refused).toContain('is a symbolic link');
    expect(logger.lines.join()).toContain('is a symbolic link');
    await expectFreshFolder(location.path);
  });

  it('is refused where others may enter it', async () => {
    await mkdir(usualFolder());
    await chmod(usualFolder(), 0o755);
    const location = await createSocketLocation(around);
    expect(location.refused).toContain('is open to other users (mode 755)');
    await expectFreshFolder(location.path);
  });

  it('is refused where it belongs to somebody else', async () => {
    const other = userInfo().uid + 1;
    await mkdir(join(temp, `layercake-${other}`), { mode: 0o700 });
    const location = await createSocketLocation({ ...around, uid: other });
    expect(location.refused).toContain('belongs to another user');
    await expectFreshFolder(location.path);
  });

  it('is refused where it is a file', async () => {
    await writeFile(usualFolder(), '');
    const location = await createSocketLocation(around);
    expect(location.refused).toContain('is not a folder');
    await expectFreshFolder(location.path);
  });

  it('gives way to a shorter one before the path gets too long', async () => {
    const long = join(temp, 'x'.repeat(80));
    await mkdir(long);
    const location = await createSocketLocation({ ...around, tmpdir: long, env: { XDG_RUNTIME_DIR: long } });
    expect(Buffer.byteLength(location.path)).toBeLessThan(100);
    await location.release();
    await expect(lstat(dirname(location.path))).rejects.toThrow('ENOENT');
  });

  async function expectFreshFolder(path: string): Promise<void> {
    expect(dirname(path)).not.toBe(usualFolder());
    const stats = await lstat(dirname(path));
    expect(stats.mode & 0o777).toBe(0o700);
    expect(stats.uid).toBe(userInfo().uid);
  }
});

describe('sweeping', () => {
  beforeEach((context) => skipWithoutUnixSockets(context));
  const old = new Date(Date.now() - 3_600_000);

  it('removes sockets that nothing listens on, and nothing else', async () => {
    const [dead, alive, young, foreign] = [
      'e-000000000001.sock',
      'e-000000000002.sock',
      'e-000000000003.sock',
      'x.sock',
    ].map((name) => join(temp, name)) as [string, string, string, string];
    for (const path of [dead, young, foreign]) await leaveStaleSocket(path);
    const server = createServer().listen(alive);
    await once(server, 'listening');
    for (const path of [dead, alive, foreign]) await utimes(path, old, old);

    await sweepStaleSockets(temp, logger);

    await expect(lstat(dead)).rejects.toThrow('ENOENT');
    for (const path of [alive, young, foreign]) expect((await lstat(path)).isSocket()).toBe(true);
    server.close();
  });
});

describe('on Windows', () => {
  it('is a named pipe that cannot be guessed', async () => {
    const location = await createSocketLocation({ ...around, platform: 'win32' });
    expect(location.path).toMatch(/^\\\\\.\\pipe\\layercake-[0-9a-f]{32}$/);
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
