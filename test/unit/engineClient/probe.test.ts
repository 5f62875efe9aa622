import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNodeInLoginShell } from '../../../src/engineClient/loginShell';
import { probeRuntime } from '../../../src/engineClient/probe';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lct-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function script(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('a probe', () => {
  it('asks a real Node.js', async () => {
    expect(await probeRuntime(process.execPath)).toEqual({
      execPath: process.execPath,
      node: process.versions.node,
      electron: undefined,
      arch: process.arch,
    });
  });

  it('sees through a shim and what it prints first', async (context) => {
    if (process.platform === 'win32') context.skip('needs a shell script');
    const shim = await script('node', `echo "Switching versions"\nexec "${process.execPath}" "$@"`);
    expect((await probeRuntime(shim)).execPath).toBe(process.execPath);
  });

  it('refuses what is not Node.js', async (context) => {
    if (process.platform === 'win32') context.skip('needs a shell script');
    await expect(probeRuntime(await script('other', 'echo 42'))).rejects.toThrow('it is not Node.js');
    await expect(probeRuntime(await script('broken', 'exit 3'))).rejects.toThrow('Command failed');
    await expect(probeRuntime(join(folder, 'missing'))).rejects.toThrow('ENOENT');
  });
});

describe('the login shell', () => {
  beforeEach((context) => {
    if (process.platform === 'win32') context.skip('there is none on Windows');
  });

  it('is asked for its node, whatever its start-up files print', async () => {
    await mkdir(join(folder, 'bin'));
    const node = await script('bin/node', '');
    // A shell is called with -ilc and the command.
    const shell = await script('shell', `echo /not/this\nPATH="${folder}/bin"\neval "$2"\necho /nor/this`);
    expect(await findNodeInLoginShell(shell, {})).toBe(node);
  });

  it('may have none, or a function of that name', async () => {
    const none = await script('none', 'echo /not/this\nPATH=\neval "$2"');
    expect(await findNodeInLoginShell(none, {})).toBeUndefined();
    const lazy = await script('lazy', 'node() { :; }\neval "$2"');
    expect(await findNodeInLoginShell(lazy, {})).toBeUndefined();
  });

  it('is given up when it does not answer, and what it began is ended too', async () => {
    const pidFile = join(folder, 'pid');
    const slow = await script('slow', `sleep 60 &\necho $! > "${pidFile}"\nwait`);
    expect(await findNodeInLoginShell(slow, { PATH: process.env['PATH'] }, 300)).toBeUndefined();
    const pid = Number(await readFile(pidFile, 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('is given up where it is missing', async () => {
    expect(await findNodeInLoginShell(join(folder, 'missing'), {})).toBeUndefined();
  });
});

/** A process that has ended but was not waited for yet is a zombie: no longer running. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (status !== undefined) return !/\) Z /.test(status);
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux';
  } catch {
    return false;
  }
}
