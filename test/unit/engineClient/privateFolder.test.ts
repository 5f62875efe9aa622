import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { openPrivateFolder, type Surroundings } from '../../../src/engineClient/privateFolder';
import { KeepingLogger } from './keepingLogger';

let temp: string;
let logger: KeepingLogger;
let around: Surroundings;

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'lct-'));
  logger = new KeepingLogger();
  around = { platform: 'linux', env: {}, tmpdir: temp, uid: userInfo().uid, logger };
});
afterEach(() => rm(temp, { recursive: true, force: true }));

const usualFolder = () => join(temp, `layercake-${userInfo().uid}`);

describe('the private folder', () => {
  beforeEach((context) => skipWithoutUnixSockets(context));

  it('is made for this user alone', async () => {
    const folder = await openPrivateFolder(around);
    expect(folder.path).toBe(usualFolder());
    expect((await lstat(usualFolder())).mode & 0o777).toBe(0o700);
    expect(folder.refused).toBeUndefined();
  });

  it('is in the runtime folder where there is one', async () => {
    const runtimeFolder = join(temp, 'run');
    await mkdir(runtimeFolder);
    const folder = await openPrivateFolder({ ...around, env: { XDG_RUNTIME_DIR: runtimeFolder } });
    expect(folder.path).toBe(join(runtimeFolder, 'layercake'));
  });

  it('is refused where it is a link, even to a good folder', async () => {
    const target = join(temp, 'target');
    await mkdir(target, { mode: 0o700 });
    await symlink(target, usualFolder());
    const folder = await openPrivateFolder(around);
    expect(folder.refused).toContain('is a symbolic link');
    expect(logger.lines.join()).toContain('is a symbolic link');
    await expectFreshFolder(folder.path);
  });

  it('is refused where others may enter it', async () => {
    await mkdir(usualFolder());
    await chmod(usualFolder(), 0o755);
    const folder = await openPrivateFolder(around);
    expect(folder.refused).toContain('is open to other users (mode 755)');
    await expectFreshFolder(folder.path);
  });

  it('is refused where it belongs to somebody else', async () => {
    const other = userInfo().uid + 1;
    await mkdir(join(temp, `layercake-${other}`), { mode: 0o700 });
    const folder = await openPrivateFolder({ ...around, uid: other });
    expect(folder.refused).toContain('belongs to another user');
    await expectFreshFolder(folder.path);
  });

  it('is refused where it is a file', async () => {
    await writeFile(usualFolder(), '');
    const folder = await openPrivateFolder(around);
    expect(folder.refused).toContain('is not a folder');
    await expectFreshFolder(folder.path);
  });

  it('gives way to a shorter one before the path gets too long', async () => {
    const long = join(temp, 'x'.repeat(80));
    await mkdir(long);
    const folder = await openPrivateFolder({ ...around, tmpdir: long, env: { XDG_RUNTIME_DIR: long } });
    expect(Buffer.byteLength(folder.path)).toBeLessThan(80);
    expect(folder.isUsual).toBe(false);
    await rm(folder.path, { recursive: true });
  });

  async function expectFreshFolder(path: string): Promise<void> {
    expect(path).not.toBe(usualFolder());
    const stats = await lstat(path);
    expect(stats.mode & 0o777).toBe(0o700);
    expect(stats.uid).toBe(userInfo().uid);
  }
});

it('on Windows lies in the local application data', async () => {
  const local = join(temp, 'Local');
  const folder = await openPrivateFolder({ ...around, platform: 'win32', env: { LOCALAPPDATA: local } });
  expect(folder).toEqual({ path: join(local, 'layercake'), refused: undefined, isUsual: true });
});

function skipWithoutUnixSockets(context: TestContext): void {
  if (process.platform === 'win32') context.skip('Windows has named pipes, not files, for sockets');
}
