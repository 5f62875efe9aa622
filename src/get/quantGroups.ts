import { partNames } from '../gguf/parts';
import type { HubFile } from '../protocol/hub';

/** One model of a repository: a file, or the parts of a split one. */
export interface QuantGroup {
  /** Quant level as the file's name has it, e.g. "UD-Q4_K_XL"; the name where it has none. */
  level: string;
  /** The first part first. */
  files: HubFile[];
  /** Of all files. */
  bytes: number;
  /** Parts that the repository should have besides. */
  missing: number;
}

const levelName =
  /(?:^|[-._ /])((?:UD[-_])?(?:I?Q\d+(?:_[A-Z0-9]+)*|TQ\d_\d|BF16|FP?16|FP?32|MXFP4(?:_MOE)?|NVFP4))(?=$|[-._ /])/gi;

/** The models among a repository's files, the largest first; those of one level keep what tells them apart. */
export function groupByQuant(files: readonly HubFile[]): QuantGroup[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const groups = files.flatMap((file): (QuantGroup & { stem: string })[] => {
    const part = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i.exec(file.path);
    if (part === null) return [{ ...groupOf(file.path, [file], 0), stem: stemOf(file.path) }];
    const [, stem = '', number, count] = part;
    // A split model is told once, by the first part that is there.
    const paths = partPaths(stem, Number(count));
    const there = paths.flatMap((path) => byPath.get(path) ?? []);
    if (there[0] !== file) return [];
    const missing = paths.length - there.length;
    return [{ ...groupOf(stem, there, Number(number) === 1 ? missing : paths.length), stem: stemOf(stem) }];
  });
  const count = (level: string) => groups.filter((group) => group.level === level).length;
  return groups
    .map(({ stem, ...group }) => (count(group.level) > 1 ? { ...group, level: stem } : group))
    .sort((a, b) => b.bytes - a.bytes);
}

function groupOf(path: string, files: HubFile[], missing: number): QuantGroup {
  const level = [...path.replace(/\.gguf$/i, '').matchAll(levelName)].at(-1)?.[1];
  return {
    level: level?.toUpperCase() ?? stemOf(path),
    files,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    missing,
  };
}

function partPaths(stem: string, count: number): string[] {
  const folder = stem.slice(0, stem.lastIndexOf('/') + 1);
  const first = `${stem.slice(folder.length)}-00001-of-${String(count).padStart(5, '0')}.gguf`;
  return (partNames(first, count) ?? []).map((name) => `${folder}${name}`);
}

function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.gguf$/i, '');
}
