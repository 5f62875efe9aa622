import { readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';

/** A model that could be chosen: a file, or the first part of a split one. */
export interface GgufFile {
  path: string;
  /** Of this file alone. */
  sizeBytes: number;
  /** Milliseconds since the epoch. */
  modified: number;
}

/** At most this many files of a folder are looked at. */
const maxFiles = 500;

/** The GGUF files in a folder, not below it; empty where it cannot be read. Parts but the first are left out. */
export async function listGgufFiles(folder: string): Promise<GgufFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files: GgufFile[] = [];
  for (const name of names.filter(isModelName).sort().slice(0, maxFiles)) {
    const file = path.join(folder, name);
    const info = await stat(file).catch(() => undefined);
    if (info?.isFile()) files.push({ path: file, sizeBytes: info.size, modified: info.mtimeMs });
  }
  return files;
}

/** Whether a file's name is that of a model, as far as a name tells: projectors of images are none. */
export function isModelName(name: string): boolean {
  if (!/\.gguf$/i.test(name) || /mmproj/i.test(name)) return false;
  const part = /-(\d{5})-of-\d{5}\.gguf$/i.exec(name)?.[1];
  return part === undefined || part === '00001';
}

const quantSuffix =
  /[-._ ](?:UD[-_])?(?:I?Q\d+(?:_[A-Z0-9]+)*|TQ\d_\d|B?F16|F32|FP16|FP32|MXFP4(?:_MOE)?|NVFP4)$/i;

/** A file's name without its quant level and part: the same for all levels of one model that are named as usual. */
export function modelStem(name: string): string {
  return bareName(name).replace(quantSuffix, '').toLowerCase();
}

/** The usual name of a model's file at another level, in one part. */
export function levelFileName(name: string, level: string): string {
  const bare = bareName(name);
  const stem = bare.replace(quantSuffix, '');
  const separator = bare.charAt(stem.length) || '.';
  return `${stem}${separator}${level}.gguf`;
}

function bareName(name: string): string {
  return name.replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
}
