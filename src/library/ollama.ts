import * as path from 'node:path';
import { open, readdir } from 'node:fs/promises';
import * as v from 'valibot';
import { lookAt, type FoundFile, type ScanBudget } from './scan';

/** A model of Ollama's: a blob, and what Ollama calls it, e.g. "llama3.2:3b". */
export interface OllamaModel extends FoundFile {
  label: string;
}

const manifest = v.object({
  layers: v.array(v.object({ mediaType: v.string(), digest: v.string() })),
});
/** Of projectors, adapters, templates and parameters there are others. */
const modelType = 'application/vnd.ollama.image.model';
/** Manifests have a few hundred bytes for each layer. */
const maxManifestBytes = 1024 * 1024;

/**
 * The models of an Ollama folder: `manifests/<registry>/<namespace>/<name>/<tag>` names the layers, each a file
 * `blobs/sha256-<hash>` (Ollama's `manifest` and `types/model` packages). Manifests that make no sense are left out,
 * and so are models that are not there, or are in another format than GGUF.
 */
export async function findOllamaModels(folder: string, budget: ScanBudget): Promise<OllamaModel[]> {
  const models: OllamaModel[] = [];
  const manifests = path.join(folder, 'manifests');
  for (const parts of await tags(manifests, budget)) {
    const digest = modelDigest(await readSmall(path.join(manifests, ...parts)));
    if (digest === undefined) continue;
    const blob =
      (await lookAt(path.join(folder, 'blobs', `sha256-${digest}`))) ??
      (await lookAt(path.join(folder, 'blobs', `sha256:${digest}`)));
    if (blob !== undefined) models.push({ ...blob, label: labelOf(parts) });
  }
  return models;
}

/** Registry, namespace, name and tag of each manifest. */
async function tags(folder: string, budget: ScanBudget): Promise<string[][]> {
  let found: string[][] = [[]];
  for (let level = 0; level < 4; level++) {
    const next: string[][] = [];
    for (const parts of found) {
      if (budget.names <= 0 || Date.now() > budget.deadline) {
        budget.exceeded = true;
        return [];
      }
      const names = await readdir(path.join(folder, ...parts)).catch(() => []);
      budget.names -= names.length;
      next.push(...names.filter((name) => !name.startsWith('.')).map((name) => [...parts, name]));
    }
    found = next;
  }
  return found;
}

function modelDigest(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed = v.safeParse(manifest, JSON.parse(text));
    if (!parsed.success) return undefined;
    const layer = parsed.output.layers.find(({ mediaType }) => mediaType === modelType);
    // Only a hash: what else stands there could lead anywhere.
    return /^sha256[:-]([0-9a-f]{64})$/i.exec(layer?.digest ?? '')?.[1];
  } catch {
    return undefined;
  }
}

/** As Ollama itself shows it: its own registry and namespace go without saying. */
function labelOf([registry = '', namespace = '', name = '', tag = '']: readonly string[]): string {
  const own = registry === 'registry.ollama.ai';
  const prefix = own && namespace === 'library' ? [] : own ? [namespace] : [registry, namespace];
  return `${[...prefix, name].join('/')}:${tag}`;
}

async function readSmall(file: string): Promise<string | undefined> {
  const info = await lookAt(file);
  if (info === undefined || info.sizeBytes > maxManifestBytes) return undefined;
  try {
    const handle = await open(file, 'r');
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}
