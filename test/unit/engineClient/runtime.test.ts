import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProbedRuntime } from '../../../src/engineClient/probe';
import { RuntimeFinder, type RuntimeFinderParts } from '../../../src/engineClient/runtime';
import { EngineError } from '../../../src/errors';
import { KeepingLogger } from './keepingLogger';

let folder: string;
let answers: Map<string, Partial<ProbedRuntime> | Error>;
let probes: string[];
let offers: number;
let logger: KeepingLogger;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lct-'));
  answers = new Map();
  probes = [];
  offers = 0;
  logger = new KeepingLogger();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A file in a place of its own, and what it answers to a probe. */
async function executable(place: string, answer: Partial<ProbedRuntime> | Error): Promise<string> {
  await mkdir(join(folder, place), { recursive: true });
  const path = join(folder, place, 'node');
  await writeFile(path, '');
  answers.set(path, answer);
  return path;
}

const electron = { electron: '37.2.0' };

function finder(parts: Partial<RuntimeFinderParts> = {}): RuntimeFinder {
  return new RuntimeFinder({
    nodePath: () => '',
    editorPath: join(folder, 'nowhere'),
    packagedNodePath: () => undefined,
    offerPackagedNode: () => {
      offers++;
      return Promise.resolve(undefined);
    },
    logger,
    env: { PATH: '' },
    platform: 'linux',
    arch: 'x64',
    loginShellNode: () => Promise.resolve(undefined),
    probe: (path) => {
      probes.push(path);
      const answer = answers.get(path);
      if (answer === undefined || answer instanceof Error)
        return Promise.reject(answer ?? new Error('unknown'));
      return Promise.resolve({ execPath: path, node: '22.1.0', electron: undefined, arch: 'x64', ...answer });
    },
    ...parts,
  });
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!EngineError.is(error, 'noRuntime')) throw new Error(`Not noRuntime: ${String(error)}`);
  return error.failure.detail;
}

describe('the runtime', () => {
  it('is what the setting names, before all else', async () => {
    const set = await executable('set', {});
    const editor = await executable('editor', {});
    const found = await finder({ nodePath: () => set, editorPath: editor }).find();
    expect(found).toEqual({ path: set, kind: 'node', version: '22.1.0', source: 'setting' });
  });

  it('that is set and fails is said, not passed over', async () => {
    const editorPath = await executable('editor', {});
    const broken = await executable('set', new Error('no answer within 5 s'));
    const old = await executable('old', { node: '18.20.0' });
    const foreign = await executable('foreign', { arch: 'arm64' });
    const detail = (nodePath: string) => failureOf(finder({ nodePath: () => nodePath, editorPath }).find());
    expect(await detail(broken)).toBe(`layercake.engine.nodePath, ${broken}: no answer within 5 s`);
    expect(await detail(old)).toContain('Node.js 18.20.0 is older than 20');
    expect(await detail(foreign)).toContain('it is built for arm64, not for x64');
    expect(await detail('node')).toContain('it is not an absolute path');
    expect(await detail(join(folder, 'missing'))).toContain('ENOENT');
  });

  it('is the editor’s own executable where that is plain Node', async () => {
    const editorPath = await executable('editor', {});
    const inPath = await executable('bin', {});
    const found = await finder({ editorPath, env: { PATH: join(inPath, '..') } }).find();
    expect(found).toMatchObject({ path: editorPath, source: 'editor' });
  });

  it('is the first on PATH that does, with the real path behind a shim', async () => {
    const editorPath = await executable('editor', electron);
    await executable('a', { node: '16.0.0' });
    await executable('b', new Error('cannot be run'));
    await executable('c', { execPath: '/versions/22/bin/node' });
    const folders = ['relative', '', ...['none', 'a', 'b', 'c'].map((name) => join(folder, name))];
    const found = await finder({ editorPath, env: { PATH: folders.join(delimiter) } }).find();
    expect(found).toMatchObject({ path: '/versions/22/bin/node', kind: 'node', source: 'path' });
    expect(logger.lines.join('\n')).toContain('Node.js 16.0.0 is older than 20');
  });

  it('is next the login shell’s, but not on Windows', async () => {
    const shellNode = await executable('nvm', {});
    const packaged = await executable('package', {});
    const parts = {
      env: { PATH: '', SHELL: '/bin/zsh' },
      loginShellNode: () => Promise.resolve(shellNode),
      packagedNodePath: () => packaged,
    };
    expect(await finder(parts).find()).toMatchObject({ path: shellNode, source: 'loginShell' });
    expect(await finder({ ...parts, platform: 'win32' }).find()).toMatchObject({ source: 'package' });
  });

  it('is a package fetched before, without asking again', async () => {
    const packaged = await executable('package', {});
    const found = await finder({ packagedNodePath: () => packaged }).find();
    expect([found.path, found.source, offers]).toEqual([packaged, 'package', 0]);
  });

  it('is a package fetched with consent, before Electron', async () => {
    const editorPath = await executable('editor', electron);
    const fetched = await executable('package', {});
    const found = await finder({ editorPath, offerPackagedNode: () => Promise.resolve(fetched) }).find();
    expect(found).toMatchObject({ path: fetched, kind: 'node', source: 'package' });
  });

  it('is Electron last, with its cap on Linux alone, and asks once a session', async () => {
    const editorPath = await executable('editor', electron);
    const inLinux = finder({ editorPath });
    const description = { path: editorPath, kind: 'electron', version: '37.2.0', source: 'electron' };
    expect(await inLinux.find()).toEqual({ ...description, hostBufferLimitBytes: 1024 ** 3 });
    await inLinux.find();
    expect(offers).toBe(1);
    expect(await finder({ editorPath, platform: 'darwin' }).find()).toEqual(description);
  });

  it('is missing where nothing does', async () => {
    expect(await failureOf(finder().find())).toBe('no Node.js 20 or newer for linux-x64 was found');
  });

  it('is probed once, until its file changes', async () => {
    const set = await executable('set', {});
    const one = finder({ nodePath: () => set });
    await one.find();
    await one.find();
    expect(probes).toEqual([set]);
    await utimes(set, new Date(0), new Date(0));
    await one.find();
    expect(probes).toEqual([set, set]);
  });

  it('is searched for again where it has gone', async () => {
    const first = await executable('editor', {});
    const packaged = await executable('package', {});
    const one = finder({ editorPath: first, packagedNodePath: () => packaged });
    expect((await one.find()).path).toBe(first);
    await rm(first);
    expect((await one.find()).path).toBe(packaged);
  });
});
