import { readdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { partNames } from '../gguf/parts';
import { findOllamaModels } from './ollama';
import type { Place, PlaceName } from './places';
import { findFiles, findGgufFiles, lookAt, type FoundFile, type ScanBudget } from './scan';

/** A model as one place has it. */
export interface Candidate {
  place: PlaceName;
  /** The file to load: of a split model the first part, or the first that is there. */
  path: string;
  /** All parts that are there, in order. */
  parts: FoundFile[];
  /** Parts that a split model should have besides: numbers from one. */
  missing: number[];
  /** Parts of a split model; 1 for one that is not. */
  partCount: number;
  /** What the place calls it. */
  label?: string;
}

/** A description has some hundred bytes. */
const maxDescriptionBytes = 64 * 1024;

/** The models of a place. Empty where it does not exist. */
export async function findCandidates(place: Place, budget: ScanBudget): Promise<Candidate[]> {
  const { name, kind, folder, depth } = place;
  switch (kind) {
    case 'tree':
      return joinParts(name, await findGgufFiles(folder, depth, budget));
    case 'ollama':
      return (await findOllamaModels(folder, budget)).map(({ label, ...file }) => ({
        ...single(name, file),
        label,
      }));
    case 'hub':
      return joinParts(name, await findInHub(folder, depth, budget));
    case 'jan':
      return joinParts(name, await findInJan(folder, depth, budget));
  }
}

/** Repositories alone, and of them what a revision names: the names of the files are in `snapshots`. */
async function findInHub(folder: string, depth: number, budget: ScanBudget): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith('models--')) continue;
    found.push(...(await findGgufFiles(path.join(folder, name, 'snapshots'), depth, budget)));
  }
  return found;
}

/** What is in the folder, and what was imported from elsewhere and stayed there: `model_path` of a `model.yml`. */
async function findInJan(folder: string, depth: number, budget: ScanBudget): Promise<FoundFile[]> {
  const models = path.join(folder, 'llamacpp', 'models');
  const found = [
    ...(await findGgufFiles(models, depth, budget)),
    ...(await findGgufFiles(path.join(folder, 'models'), depth, budget)),
  ];
  for (const described of await findFiles(models, depth, budget, (name) => name === 'model.yml')) {
    if (described.sizeBytes > maxDescriptionBytes) continue;
    const text = await readFile(described.path, 'utf8').catch(() => '');
    const named = /^model_path:\s*["']?(.*?)["']?\s*$/m.exec(text)?.[1];
    if (named === undefined || !path.isAbsolute(named)) continue;
    const file = await lookAt(named);
    if (file !== undefined) found.push(file);
  }
  return found;
}

/** Brings the parts of each split model together. */
export function joinParts(place: PlaceName, files: readonly FoundFile[]): Candidate[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const candidates: Candidate[] = [];
  for (const file of byPath.values()) {
    const set = partsOf(file.path);
    if (set === undefined) candidates.push(single(place, file));
    else {
      const parts = set.flatMap((part) => byPath.get(part) ?? []);
      // Told once, by the first part that is there.
      if (parts[0] !== file) continue;
      const missing = set.flatMap((part, index) => (byPath.has(part) ? [] : [index + 1]));
      candidates.push({ place, path: file.path, parts, missing, partCount: set.length });
    }
  }
  return candidates;
}

function single(place: PlaceName, file: FoundFile): Candidate {
  return { place, path: file.path, parts: [file], missing: [], partCount: 1 };
}

/** Paths of all parts; undefined for a file that is none. */
function partsOf(file: string): string[] | undefined {
  const match = /^(.*)-\d{5}-of-(\d{5})\.gguf$/.exec(path.basename(file));
  const [, stem, total] = match ?? [];
  if (stem === undefined || total === undefined) return undefined;
  return partNames(`${stem}-00001-of-${total}.gguf`, Number(total))?.map((name) =>
    path.join(path.dirname(file), name),
  );
}
