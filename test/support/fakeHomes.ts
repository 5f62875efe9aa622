import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlaceName } from '../../src/library/places';
import { file, header } from '../unit/gguf/ggufBytes';
import { modelBytes, withEntries } from '../unit/gguf/smallModel';

/** A home in which each of the seven other programs has been used. */
export interface FakeHome {
  /** Variables that the system sets for it. */
  env: Record<string, string>;
  /** Every model in it: its name in the list, and the places that have it. */
  models: Record<string, PlaceName[]>;
}

/** A small model whose bytes are its own. */
export function namedModel(name: string): Buffer {
  return modelBytes({ 'general.name': ['string', name] });
}

/** The two parts of a split model. */
export function splitModel(name: string): [Buffer, Buffer] {
  const split = (no: number) =>
    [
      ['split.no', ['u16', no]],
      ['split.count', ['u16', 2]],
      ['split.tensors.count', ['i32', 2]],
    ] as const;
  const entries = [...withEntries({ 'general.name': ['string', name] }), ...split(0)];
  const embedding = { name: 'token_embd.weight', dimensions: [64, 5], type: 8, offset: 0 };
  const norm = { name: 'output_norm.weight', dimensions: [64], type: 0, offset: 0 };
  return [file(header(entries, [embedding]), 352), file(header(split(1), [norm]), 256)];
}

/** Writes it. Its folders are those of a platform; the paths are of the one that runs this. */
export async function writeFakeHome(home: string, platform: 'linux' | 'darwin' | 'win32'): Promise<FakeHome> {
  const env: Record<string, string> =
    platform === 'win32'
      ? {
          APPDATA: path.join(home, 'AppData', 'Roaming'),
          LOCALAPPDATA: path.join(home, 'AppData', 'Local'),
        }
      : {};
  const data = {
    linux: ['.local', 'share'],
    darwin: ['Library', 'Application Support'],
    win32: ['AppData', 'Roaming'],
  }[platform];
  const cache = { linux: ['.cache'], darwin: ['Library', 'Caches'], win32: ['AppData', 'Local'] }[platform];
  const put = async (bytes: Buffer | string, ...parts: string[]) => {
    const target = path.join(home, ...parts);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, bytes);
    return target;
  };

  // LM Studio: its own folder, and one that its settings name.
  const everywhere = namedModel('Everywhere');
  await put(everywhere, '.lmstudio', 'models', 'publisher', 'everywhere-GGUF', 'everywhere.Q8_0.gguf');
  await put('projector', '.lmstudio', 'models', 'publisher', 'everywhere-GGUF', 'mmproj-everywhere.gguf');
  await put('half', '.lmstudio', 'models', 'publisher', 'everywhere-GGUF', 'half.gguf.part');
  const moved = path.join(home, 'moved');
  await put(JSON.stringify({ downloadsFolder: moved, theme: 'dark' }), '.lmstudio', 'settings.json');
  const [first, second] = splitModel('Split');
  await put(first, 'moved', 'publisher', 'split-GGUF', 'split-00001-of-00002.gguf');
  await put(second, 'moved', 'publisher', 'split-GGUF', 'split-00002-of-00002.gguf');

  await writeOllama(put);
  await writeHub(home, put);

  // llama.cpp
  await put(namedModel('Cached'), ...cache, 'llama.cpp', 'org_cached-GGUF_cached.gguf');
  await put('half', ...cache, 'llama.cpp', 'org_half-GGUF_half.gguf.downloadInProgress');

  // Jan: its own models, one that is a copy, and one that it was told of where it lay.
  await put(namedModel('Kept by Jan'), ...data, 'Jan', 'data', 'llamacpp', 'models', 'kept', 'model.gguf');
  await put(everywhere, ...data, 'Jan', 'data', 'llamacpp', 'models', 'pub', 'everywhere', 'model.gguf');
  const imported = await put(namedModel('Imported'), 'elsewhere', 'imported.gguf');
  const description = `name: imported\nmodel_path: ${imported}\nsize_bytes: 1\n`;
  await put(description, ...data, 'Jan', 'data', 'llamacpp', 'models', 'imported', 'model.yml');

  // text-generation-webui, with an adapter, which is no model.
  const webUi = ['Documents', 'text-generation-webui-3.9', 'user_data', 'models'];
  await put(namedModel('Unpacked'), ...webUi, 'unpacked.gguf');
  const adapter = file(
    header(withEntries({ 'general.type': ['string', 'adapter'], 'general.name': ['string', 'LoRA'] }), []),
    0,
  );
  await put(adapter, ...webUi, 'lora.gguf');

  return {
    env,
    models: {
      Cached: ['llamaCpp'],
      Everywhere: ['lmStudio', 'jan', 'ollama'],
      'From the hub': ['huggingFace'],
      Imported: ['jan'],
      'Kept by Jan': ['jan'],
      Split: ['lmStudio'],
      Unpacked: ['textGenerationWebUi'],
      'someone/tuned:q8_0': ['ollama'],
    },
  };
}

type Put = (bytes: Buffer | string, ...parts: string[]) => Promise<string>;

/** Two tags of one model that others have too, a model of someone's, and layers that are no models. */
async function writeOllama(put: Put): Promise<void> {
  const models = ['.ollama', 'models'];
  const blob = async (bytes: Buffer | string) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    await put(bytes, ...models, 'blobs', `sha256-${digest}`);
    return `sha256:${digest}`;
  };
  const manifest = (model: string, projector: string) =>
    JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: 'sha256:0', size: 1 },
      layers: [
        { mediaType: 'application/vnd.ollama.image.projector', digest: projector, size: 1 },
        { mediaType: 'application/vnd.ollama.image.model', digest: model, size: 1 },
      ],
    });
  const projector = await blob('a projector');
  const shared = manifest(await blob(namedModel('Everywhere')), projector);
  const library = [...models, 'manifests', 'registry.ollama.ai', 'library', 'everywhere'];
  await put(shared, ...library, '8b');
  await put(shared, ...library, 'latest');
  const tuned = manifest(await blob(namedModel('Tuned')), projector);
  await put(tuned, ...models, 'manifests', 'registry.ollama.ai', 'someone', 'tuned', 'q8_0');
  // What a broken or hostile manifest says.
  await put('{ not JSON', ...library, 'broken');
  await put(manifest('sha256:../../../../etc/passwd', projector), ...library, 'hostile');
  await put(manifest(`sha256:${'0'.repeat(64)}`, projector), ...library, 'removed');
}

/** One file that two revisions name, and one whose download goes on. */
async function writeHub(home: string, put: Put): Promise<void> {
  const repository = ['.cache', 'huggingface', 'hub', 'models--org--hub-GGUF'];
  const bytes = namedModel('From the hub');
  const digest = createHash('sha256').update(bytes).digest('hex');
  await put(bytes, ...repository, 'blobs', digest);
  await put('half', ...repository, 'blobs', `${'f'.repeat(64)}.incomplete`);
  for (const revision of ['0a0a', '1b1b']) {
    const folder = path.join(home, ...repository, 'snapshots', revision);
    await mkdir(folder, { recursive: true });
    await symlink(path.join('..', '..', 'blobs', digest), path.join(folder, 'hub.Q8_0.gguf'));
  }
}
