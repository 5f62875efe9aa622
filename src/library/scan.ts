import { readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';

/** A file as the disk has it. */
export interface FoundFile {
  path: string;
  sizeBytes: number;
  /** Milliseconds since the epoch. */
  modified: number;
  /** The same for all names of one file, links included. */
  id: string;
}

/** What a search may take, for all folders together. */
export interface ScanBudget {
  /** Names that may still be looked at. */
  names: number;
  /** When to stop. Milliseconds since the epoch. */
  deadline: number;
  /** Set where something was left out. */
  exceeded?: boolean;
}

/** Of a home with many models, about a hundred times what there is. */
export function usualBudget(now = Date.now()): ScanBudget {
  return { names: 300_000, deadline: now + 20_000 };
}

/** The GGUF files in a folder and below. */
export function findGgufFiles(root: string, depth: number, budget: ScanBudget): Promise<FoundFile[]> {
  return findFiles(root, depth, budget, isGguf);
}

/**
 * The files in a folder and below that are named so, links followed, each folder once. What cannot be read is left
 * out, and so are hidden folders, in which programs keep what they have not finished.
 */
export async function findFiles(
  root: string,
  depth: number,
  budget: ScanBudget,
  isWanted: (name: string) => boolean,
): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const visited = new Set<string>();
  let folders = [root];
  for (let level = 0; level <= depth; level++) {
    const next: string[] = [];
    for (const folder of folders) {
      if (!(await isNew(folder, visited))) continue;
      for (const entry of await namesIn(folder, budget)) {
        const file = path.join(folder, entry.name);
        const known = isWanted(entry.name) && !entry.isDirectory() ? await lookAt(file) : undefined;
        if (known !== undefined) found.push(known);
        else if (!entry.isFile() && !entry.name.startsWith('.')) next.push(file);
      }
    }
    folders = next;
  }
  return found;
}

/** undefined where there is no such file. */
export async function lookAt(file: string): Promise<FoundFile | undefined> {
  try {
    const info = await stat(file, { bigint: true });
    if (!info.isFile()) return undefined;
    // Some network file systems number nothing.
    const id = info.ino === 0n ? path.resolve(file) : `${info.dev}:${info.ino}`;
    return { path: file, sizeBytes: Number(info.size), modified: Number(info.mtimeMs), id };
  } catch {
    return undefined;
  }
}

/** By name: unfinished downloads end otherwise (`.ipull`, `.part`, `.incomplete`, `.downloadInProgress`). */
function isGguf(name: string): boolean {
  return /\.gguf$/i.test(name) && !/mmproj/i.test(name) && !name.startsWith('.');
}

async function isNew(folder: string, visited: Set<string>): Promise<boolean> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    const id = ino === 0n ? path.resolve(folder) : `${dev}:${ino}`;
    if (visited.has(id)) return false;
    visited.add(id);
    return true;
  } catch {
    return false;
  }
}

async function namesIn(folder: string, budget: ScanBudget) {
  if (budget.names <= 0 || Date.now() > budget.deadline) {
    budget.exceeded = true;
    return [];
  }
  const names = await readdir(folder, { withFileTypes: true }).catch(() => []);
  budget.names -= names.length;
  return names;
}
