import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../../src/context/git';
import { ignoredBy, type IgnoreFile } from '../../../src/context/ignoreFiles';
import { bestFits, fitOf } from '../../../src/context/rankPaths';

describe('.gitignore files', () => {
  const ignoreFiles: IgnoreFile[] = [
    { folder: '', text: 'node_modules/\n*.log\n/build\n!keep.log\nvendor/*\n!vendor/own\n' },
    { folder: 'packages/a', text: '*.gen.ts\n!important.log\n/local\n' },
    { folder: 'node_modules/x', text: '!**\n' },
  ];
  const paths = [
    ...['a.ts', 'node_modules/x/index.js', 'debug.log', 'keep.log', 'build/a.js', 'src/build/a.js'],
    ...['vendor/x/a.c', 'vendor/own/a.c', 'packages/a/x.gen.ts', 'packages/b/x.gen.ts'],
    ...[
      'packages/a/important.log',
      'packages/a/local/a.ts',
      'packages/a/src/local/a.ts',
      'packages/a/debug.log',
    ],
    ...['name with spaces.log', 'src/ünï/größe.ts'],
  ];
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lc-ignore-'));
    execFileSync('git', ['init', '-q', folder]);
    const write = (name: string, text: string): void => {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    };
    for (const name of paths) write(name, 'x');
    for (const each of ignoreFiles) write(path.join(each.folder, '.gitignore'), each.text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('mean to us what they mean to git', async () => {
    const listed = await git(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
    const byGit = new Set(listed?.stdout.split('\0'));
    const ignored = ignoredBy(ignoreFiles);
    expect(paths.filter((each) => !ignored(each))).toEqual(paths.filter((each) => byGit.has(each)));
    expect(ignored('.git/config')).toBe(true);
  });

  it('are asked about by git without a shell, with an exit code for an answer', async () => {
    const ask = (name: string) =>
      git(folder, ['check-ignore', '-q', '-z', '--stdin'], { input: `${name}\0` });
    expect(await ask('debug.log')).toMatchObject({ code: 0 });
    expect(await ask('a.ts; touch x')).toMatchObject({ code: 1 });
    expect(await git(folder, ['no-such-command'])).toMatchObject({ code: 1 });
    expect(await git(folder, ['status'], { path: '/nowhere/git' })).toBeUndefined();
    expect(await git(folder, ['status'], { signal: AbortSignal.abort() })).toBeUndefined();
  });
});

describe('names typed in part', () => {
  const paths = [
    'src/queue/fetchQueue.ts',
    'src/queue/index.ts',
    'test/queue.test.ts',
    'docs/quick.md',
    'src/a.ts',
  ];
  const best = (typed: string) => bestFits(typed, paths, (each) => each, 3);

  it('find the file whose own name they are', () => {
    expect(best('queue')[0]).toBe('test/queue.test.ts');
    expect(best('fq')[0]).toBe('src/queue/fetchQueue.ts');
    expect(best('fetchq')).toEqual(['src/queue/fetchQueue.ts']);
    expect(best('queue/in')).toEqual(['src/queue/index.ts']);
    expect(best('A.TS')[0]).toBe('src/a.ts');
  });

  it('find nothing where letters are missing, and leave the order alone while nothing is typed', () => {
    expect(best('zzz')).toEqual([]);
    expect(best('')).toEqual(paths.slice(0, 3));
    expect(fitOf('qx', 'src/queue.ts')).toBeUndefined();
  });
});
