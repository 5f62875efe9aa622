import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { levelFileName } from '../models/ggufFiles';
import type { PlannedFile } from '../planner/planner';

/** What a level of a model is called. Files of other programs' stores are named by a hash: then the model's own name. */
export function targetName({ path: file, header }: PlannedFile, level: string): string {
  const name = path.basename(file);
  if (/\.gguf$/i.test(name)) return levelFileName(name, level);
  const stem = (header.name ?? header.architecture).replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '');
  return levelFileName(stem === '' ? 'model' : stem.slice(0, 100), level);
}

/** Where to put it, the best place first. The stores of Ollama and of Hugging Face are arranged by hash: not there. */
export function targetFolders(file: string, ownFolder: string): readonly [string, ...string[]] {
  const folder = path.dirname(file);
  const isStore = !/\.gguf$/i.test(file) || /[\\/](?:blobs|snapshots)(?:[\\/]|$)/.test(folder);
  return isStore || folder === ownFolder ? [ownFolder] : [folder, ownFolder];
}

/** "model-2.gguf", "model-3.gguf" …: the first that is free. */
export async function freeName(file: string): Promise<string> {
  const { dir, name, ext } = path.parse(file);
  for (let number = 2; ; number++) {
    const candidate = path.join(dir, `${name}-${number}${ext}`);
    if (!(await exists(candidate))) return candidate;
  }
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
