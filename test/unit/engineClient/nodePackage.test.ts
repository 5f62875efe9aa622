import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  fetchNodeArguments,
  nodePackageExecutable,
  nodePackageFolder,
  nodePackageFor,
} from '../../../src/engineClient/nodePackage';

describe('the package that carries Node.js', () => {
  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
    ['darwin', 'x64'],
    ['win32', 'x64'],
    ['win32', 'arm64'],
  ] as const)('is pinned for %s-%s', (platform, arch) => {
    const found = nodePackageFor(platform, arch);
    expect(found?.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    expect(Number(found?.version.split('.')[0])).toBeGreaterThanOrEqual(20);
    expect(found?.executable).toBe(platform === 'win32' ? 'bin/node.exe' : 'bin/node');
  });

  it('is missing where none is published', () => {
    expect(nodePackageFor('linux', 's390x')).toBeUndefined();
    expect(nodePackageFor('freebsd', 'x64')).toBeUndefined();
  });

  it('has a folder for each version and tells the download what to fetch', () => {
    const sample = { name: 'node-x', version: '24.0.0', integrity: 'sha512-abc', executable: 'bin/node' };
    const folder = nodePackageFolder('/storage', sample);
    expect(folder).toBe(join('/storage', 'node', 'node-x-24.0.0'));
    expect(nodePackageExecutable(folder, sample)).toBe(join(folder, 'bin', 'node'));
    expect(fetchNodeArguments(folder, sample)).toEqual([
      'node',
      '--package',
      'node-x@24.0.0',
      '--integrity',
      'sha512-abc',
      '--to',
      folder,
    ]);
  });
});
