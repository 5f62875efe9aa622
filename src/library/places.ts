import * as path from 'node:path';
import * as v from 'valibot';
import type { System } from '../hardware/system';

/** Whose folder a model was found in. `inUse`: the folder of the model that the settings name. */
export type PlaceName =
  | 'layercake'
  | 'folder'
  | 'inUse'
  | 'lmStudio'
  | 'huggingFace'
  | 'llamaCpp'
  | 'jan'
  | 'textGenerationWebUi'
  | 'ollama';

/** A folder to look for models in. */
export interface Place {
  name: PlaceName;
  /**
   * tree: GGUF files in it and below. hub: repositories as Hugging Face's libraries keep them. ollama: manifests that
   * name blobs. jan: models described by a `model.yml`, which may lie elsewhere.
   */
  kind: 'tree' | 'hub' | 'ollama' | 'jan';
  folder: string;
  /** Levels of folders below it that are looked into. */
  depth: number;
}

/** What tells where the programs of a person keep their models. */
export interface Surroundings extends Pick<System, 'platform' | 'readText' | 'list'> {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}

/** Where models may be: of the settings, in the order in which copies of one model are preferred. */
export interface OwnPlaces {
  /** Folders that downloads go to. */
  own: readonly string[];
  folders: readonly string[];
  /** Path of the model in use. */
  inUse: string | undefined;
}

/** Deep enough for publisher, repository and a folder a quant level. */
const usualDepth = 4;
/** A folder that a person names may be the root of anything. */
const namedDepth = 8;

/**
 * All folders that may hold models, each once, whether they exist or not: an editor need not see the variables of a
 * shell, so that the usual folders count beside those that variables name.
 */
export async function findPlaces(own: OwnPlaces, machine: Surroundings): Promise<Place[]> {
  const tree = (name: PlaceName, folders: readonly string[], depth = usualDepth): Place[] =>
    folders.map((folder) => ({ name, kind: 'tree', folder: withHome(folder, machine.home), depth }));
  const places: Place[] = [
    ...tree('layercake', own.own),
    ...tree('folder', own.folders, namedDepth),
    ...tree('inUse', own.inUse === undefined ? [] : [path.dirname(own.inUse)], 0),
    ...tree('lmStudio', await lmStudioFolders(machine)),
    ...hubFolders(machine).map((folder): Place => ({
      ...{ name: 'huggingFace', kind: 'hub', folder },
      depth: usualDepth,
    })),
    ...tree('llamaCpp', llamaCppFolders(machine)),
    ...(await janFolders(machine)).map((folder): Place => ({
      ...{ name: 'jan', kind: 'jan', folder, depth: usualDepth },
    })),
    ...tree('textGenerationWebUi', await textGenerationFolders(machine)),
    ...ollamaFolders(machine).map((folder): Place => ({ name: 'ollama', kind: 'ollama', folder, depth: 0 })),
  ];
  const byFolder = places
    .filter(({ folder }) => path.isAbsolute(folder))
    .map((place) => [`${place.name} ${path.resolve(place.folder)}`, place] as const);
  return [...new Map(byFolder).values()];
}

/**
 * LM Studio: `models` below its home, or `downloadsFolder` of its settings.json. The home is what
 * `.lmstudio-home-pointer` says, else `.cache/lm-studio` of older releases, else `.lmstudio` (as its command-line tool
 * `lms` resolves them).
 */
async function lmStudioFolders({ home, readText }: Surroundings): Promise<string[]> {
  const pointer = await readText(path.join(home, '.lmstudio-home-pointer'));
  const homes = [...set(pointer), path.join(home, '.lmstudio'), path.join(home, '.cache', 'lm-studio')];
  const folders = await Promise.all(
    homes.map(async (each) => {
      const downloads = stringIn(await readText(path.join(each, 'settings.json')), 'downloadsFolder');
      return [path.join(each, 'models'), ...(downloads === undefined ? [] : [downloads])];
    }),
  );
  return folders.flat();
}

/** Ollama: its FAQ, and `envconfig.Models`. The Linux service runs as a user of its own. */
function ollamaFolders({ env, home, platform }: Surroundings): string[] {
  return [
    ...set(env['OLLAMA_MODELS']),
    path.join(home, '.ollama', 'models'),
    ...(platform === 'linux' ? ['/usr/share/ollama/.ollama/models'] : []),
  ];
}

/** Hugging Face's cache: `constants.py` of huggingface_hub, which is the same on every platform. */
function hubFolders({ env, home }: Surroundings): string[] {
  const homes = [...set(env['HF_HOME']), ...below(env['XDG_CACHE_HOME'], 'huggingface')];
  return [
    ...set(env['HF_HUB_CACHE']),
    ...set(env['HUGGINGFACE_HUB_CACHE']),
    ...homes.map((each) => path.join(each, 'hub')),
    path.join(home, '.cache', 'huggingface', 'hub'),
  ].map((folder) => withHome(folder, home));
}

/** llama.cpp: `fs_get_cache_directory`. Newer releases keep to Hugging Face's cache. */
function llamaCppFolders({ env, home, platform }: Surroundings): string[] {
  const caches =
    platform === 'darwin'
      ? [path.join(home, 'Library', 'Caches')]
      : platform === 'win32'
        ? [...set(env['LOCALAPPDATA']), path.join(home, 'AppData', 'Local')]
        : [...set(env['XDG_CACHE_HOME']), path.join(home, '.cache')];
  return [...set(env['LLAMA_CACHE']), ...caches.map((cache) => path.join(cache, 'llama.cpp'))];
}

/**
 * Jan's data folders: `data_folder` of its settings.json, else `Jan/data` in the system's folder for data
 * (`core/app/commands.rs`); older releases took `jan` in the home folder.
 */
async function janFolders(machine: Surroundings): Promise<string[]> {
  const { env, home, platform, readText } = machine;
  const roots =
    platform === 'darwin'
      ? [path.join(home, 'Library', 'Application Support')]
      : platform === 'win32'
        ? [...set(env['APPDATA']), path.join(home, 'AppData', 'Roaming')]
        : [
            ...set(env['XDG_DATA_HOME']),
            path.join(home, '.local', 'share'),
            ...set(env['XDG_CONFIG_HOME']),
            path.join(home, '.config'),
          ];
  const configured = await Promise.all(
    roots.map(async (root) =>
      stringIn(await readText(path.join(root, 'Jan', 'settings.json')), 'data_folder'),
    ),
  );
  return [
    ...set(env['JAN_DATA_FOLDER']),
    ...configured.flatMap((folder) => set(folder)),
    ...roots.map((root) => path.join(root, 'Jan', 'data')),
    path.join(home, 'jan'),
  ];
}

/** Folders of a home in which people unpack and clone programs. */
const installBases = [
  '',
  ...['Documents', 'Downloads', 'Desktop', 'Applications', 'Projects', 'projects', 'src', 'git', 'repos'],
  ...['code', 'dev', 'apps', 'ai', 'AI', 'oobabooga_windows', 'oobabooga_linux', 'oobabooga_macos'],
];
const installName = /^(text-generation-webui|textgen)/i;

/**
 * text-generation-webui has no fixed folder. Its models are in `user_data/models` (`modules/paths.py`), which a
 * portable release may have beside it; in older versions in `models`.
 */
async function textGenerationFolders({ home, platform, list }: Surroundings): Promise<string[]> {
  const bases = installBases.map((base) => path.join(home, base));
  // Its own instructions for Windows avoid long paths and spaces.
  if (platform === 'win32') bases.push('C:\\', 'D:\\');
  const found = await Promise.all(
    bases.map(async (base) => {
      const installs = (await list(base)).filter((name) => installName.test(name));
      const folders = installs.flatMap((name) => [
        path.join(base, name, 'user_data', 'models'),
        path.join(base, name, 'models'),
      ]);
      return installs.length === 0 ? [] : [...folders, path.join(base, 'user_data', 'models')];
    }),
  );
  return found.flat();
}

function set(value: string | undefined): string[] {
  return value === undefined || value.trim() === '' ? [] : [value.trim()];
}

function below(value: string | undefined, name: string): string[] {
  return set(value).map((folder) => path.join(folder, name));
}

/** "~/models" as shells and Hugging Face's libraries mean it. */
function withHome(folder: string, home: string): string {
  return /^~(?=$|[\\/])/.test(folder) ? path.join(home, folder.slice(1)) : folder;
}

/** A text in another program's settings; undefined where they cannot be read or say something else. */
function stringIn(json: string | undefined, key: string): string | undefined {
  if (json === undefined) return undefined;
  try {
    const parsed = v.safeParse(v.object({ [key]: v.pipe(v.string(), v.nonEmpty()) }), JSON.parse(json));
    return parsed.success ? parsed.output[key] : undefined;
  } catch {
    return undefined;
  }
}
