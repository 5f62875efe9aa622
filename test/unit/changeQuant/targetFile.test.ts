import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { expect, it } from 'vitest';
import { freeName, targetFolders, targetName } from '../../../src/changeQuant/targetFile';
import type { PlannedFile } from '../../../src/planner/planner';
import { modelBytes, parse } from '../gguf/smallModel';

const fileAt = (file: string, name: string | undefined = 'Some Model: 8B'): PlannedFile => ({
  ...{ path: file, identity: 'id' },
  header: { ...parse(modelBytes()), name },
});

it.each([
  ['/m/Some-8B-F16.gguf', 'Some-8B-Q4_0.gguf'],
  ['/m/Some.Q4_1.gguf', 'Some.Q4_0.gguf'],
  ['/m/Some 8B.GGUF', 'Some 8B.Q4_0.gguf'],
  ['/m/Some-BF16-00001-of-00003.gguf', 'Some-Q4_0.gguf'],
  ['/m/blobs/sha256-5f9d', 'Some-Model-8B.Q4_0.gguf'],
])('%s at another level is called %s', (file, name) => {
  expect(targetName(fileAt(file), 'Q4_0')).toBe(name);
});

it('gives a name to a model that has none that a file could have', () => {
  expect(targetName(fileAt('/m/blobs/sha256-5f9d', '../..'), 'Q4_0')).toBe('model.Q4_0.gguf');
});

it.each([
  ['/m/Some-F16.gguf', ['/m', '/own']],
  ['/own/Some-F16.gguf', ['/own']],
  ['/o/models/blobs/sha256-5f9d', ['/own']],
  ['/hub/models--a--b/snapshots/5f9d/Some-F16.gguf', ['/own']],
])('what is made of %s goes to %j', (file, folders) => {
  expect(targetFolders(file, '/own')).toEqual(folders);
});

it('finds the first name that is free', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'lc-target-'));
  try {
    for (const name of ['a-Q4_0.gguf', 'a-Q4_0-2.gguf']) await writeFile(path.join(folder, name), '');
    expect(await freeName(path.join(folder, 'a-Q4_0.gguf'))).toBe(path.join(folder, 'a-Q4_0-3.gguf'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
