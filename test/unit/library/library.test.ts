import { link, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realSystem } from '../../../src/hardware/system';
import { Library } from '../../../src/library/library';
import type { LibraryEntry } from '../../../src/library/entry';
import { findPlaces, type OwnPlaces } from '../../../src/library/places';
import { silentLogger } from '../../../src/log';
import { PlannedFiles } from '../../../src/planner/plannedFiles';
import { namedModel, splitModel, writeFakeHome } from '../../support/fakeHomes';
import { translate } from '../models/translate';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'lc-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const nothing: OwnPlaces = { own: [], folders: [], inUse: undefined };

function libraryOf(
  own: Partial<OwnPlaces> = {},
  platform: NodeJS.Platform = 'linux',
  env: Record<string, string> = {},
): Library {
  const files = new PlannedFiles();
  return new Library({
    places: () => findPlaces({ ...nothing, ...own }, { ...realSystem, platform, env, home }),
    read: (file) => files.read(file),
    describe: ({ reason, detail }) => `${reason}: ${detail}`,
    log: silentLogger,
    t: translate,
  });
}

function placesByName(entries: readonly LibraryEntry[]): Record<string, string[]> {
  // A second row of the same name would be lost in an object.
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  return Object.fromEntries(entries.map(({ name, places }) => [name, [...places].sort()]));
}

async function put(bytes: Buffer | string, ...parts: string[]): Promise<string> {
  const file = path.join(home, ...parts);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

it('finds a file that came a moment ago, where it is to look anew', async () => {
  const library = libraryOf({ folders: [home] });
  const names = async (anew: boolean) =>
    (await library.entries(anew)).map(({ path: file }) => path.basename(file));
  await put(namedModel('First'), 'first.gguf');
  expect(await names(false)).toEqual(['first.gguf']);
  await put(namedModel('Second'), 'second.gguf');
  // What was found just now is taken to hold.
  expect(await names(false)).toEqual(['first.gguf']);
  expect(await names(true)).toEqual(['first.gguf', 'second.gguf']);
  await put(namedModel('Third'), 'third.gguf');
  const searching = library.entries(true);
  expect(await names(true)).toEqual(['first.gguf', 'second.gguf', 'third.gguf']);
  await searching;
});

describe('a home of the seven other programs', () => {
  it.each(['linux', 'darwin', 'win32'] as const)('lists every model once: %s', async (platform) => {
    const { env, models } = await writeFakeHome(home, platform);
    const entries = await libraryOf({}, platform, env).entries();
    expect(entries.filter(({ problem }) => problem !== undefined)).toEqual([]);
    const sorted = Object.fromEntries(Object.entries(models).map(([name, list]) => [name, [...list].sort()]));
    expect(placesByName(entries)).toEqual(sorted);
  });

  it('is left as it is', async () => {
    await writeFakeHome(home, 'linux');
    const state = async () => {
      const names = (await readdir(home, { recursive: true })).sort();
      return Promise.all(names.map(async (name) => [name, (await stat(path.join(home, name))).mtimeMs]));
    };
    const before = await state();
    await libraryOf().entries();
    expect(await state()).toEqual(before);
  });

  it('names all copies, that of Layercake first, and what Ollama calls it', async () => {
    await writeFakeHome(home, 'linux');
    const own = await put(namedModel('Everywhere'), 'storage', 'models', 'mine.gguf');
    const entries = await libraryOf({ own: [path.join(home, 'storage', 'models')] }).entries();
    const entry = entries.find(({ name }) => name === 'Everywhere');
    expect(entry).toMatchObject({ path: own, parts: [own], own: true });
    expect(entry?.places).toEqual(['layercake', 'lmStudio', 'jan', 'ollama']);
    expect(entry?.copies.flatMap(({ label }) => label ?? []).sort()).toEqual([
      'everywhere:8b',
      'everywhere:latest',
    ]);
    expect(entries.filter((each) => each.own).map(({ name }) => name)).toEqual(['Everywhere']);
  });

  it('is found by the variables that move its folders', async () => {
    const moved = (name: string) => path.join(home, 'disk', name);
    await put(namedModel('Hub'), 'disk', 'hub', 'models--a--b', 'snapshots', '0', 'a.gguf');
    await put(namedModel('Old hub'), 'disk', 'oldhub', 'models--a--b', 'snapshots', '0', 'a.gguf');
    await put(namedModel('HF home'), 'disk', 'hf', 'hub', 'models--a--b', 'snapshots', '0', 'a.gguf');
    await put(
      namedModel('XDG hub'),
      'disk',
      'xdg',
      'huggingface',
      'hub',
      'models--a',
      'snapshots',
      '0',
      'a.gguf',
    );
    await put(namedModel('XDG cache'), 'disk', 'xdg', 'llama.cpp', 'a.gguf');
    await put(namedModel('Llama cache'), 'disk', 'llama', 'a.gguf');
    await put(namedModel('Jan data'), 'disk', 'jan', 'llamacpp', 'models', 'a', 'model.gguf');
    await put(moved('studio'), '.lmstudio-home-pointer');
    await put(namedModel('LM home'), 'disk', 'studio', 'models', 'a', 'b', 'a.gguf');
    await put(
      JSON.stringify({ data_folder: moved('janSettings') }),
      '.local',
      'share',
      'Jan',
      'settings.json',
    );
    await put(namedModel('Jan settings'), 'disk', 'janSettings', 'models', 'a', 'a.gguf');
    const env = {
      HF_HUB_CACHE: moved('hub'),
      HUGGINGFACE_HUB_CACHE: moved('oldhub'),
      HF_HOME: '~/disk/hf',
      XDG_CACHE_HOME: moved('xdg'),
      LLAMA_CACHE: moved('llama'),
      JAN_DATA_FOLDER: moved('jan'),
      OLLAMA_MODELS: moved('ollama'),
    };
    expect(placesByName(await libraryOf({}, 'linux', env).entries())).toEqual({
      'HF home': ['huggingFace'],
      Hub: ['huggingFace'],
      'Jan data': ['jan'],
      'Jan settings': ['jan'],
      'LM home': ['lmStudio'],
      'Llama cache': ['llamaCpp'],
      'Old hub': ['huggingFace'],
      'XDG cache': ['llamaCpp'],
      'XDG hub': ['huggingFace'],
    });
    const places = await findPlaces(nothing, { ...realSystem, platform: 'linux', env, home });
    expect(places.filter(({ name }) => name === 'ollama').map(({ folder }) => folder)).toEqual([
      moved('ollama'),
      path.join(home, '.ollama', 'models'),
      '/usr/share/ollama/.ollama/models',
    ]);
  });
});

describe('folders of a person', () => {
  it('are looked into to some depth, links and cycles included, and each file counts once', async () => {
    const models = path.join(home, 'models');
    const real = await put(namedModel('Deep'), 'models', 'a', 'b', 'c', 'deep.gguf');
    await symlink(models, path.join(models, 'a', 'loop'));
    await symlink(real, path.join(models, 'again.gguf'));
    await link(real, path.join(models, 'hard.gguf'));
    await symlink(path.join(home, 'gone.gguf'), path.join(models, 'dangling.gguf'));
    await put(namedModel('Copy'), 'models', 'one.gguf');
    await put(namedModel('Copy'), 'models', 'two.gguf');
    await put(namedModel('Hidden'), 'models', '.cache', 'hidden.gguf');
    const entries = await libraryOf({ folders: [models] }).entries();
    expect(placesByName(entries)).toEqual({ Copy: ['folder'], Deep: ['folder'] });
    const [copy, deep] = entries;
    expect(copy?.copies.map((each) => path.basename(each.path))).toEqual(['one.gguf', 'two.gguf']);
    expect(deep?.copies).toHaveLength(3);
  });

  it('may lie in each other: a file belongs to the first that has it', async () => {
    const inUse = await put(namedModel('Nested'), 'models', 'own', 'nested.gguf');
    const own = path.dirname(inUse);
    const [entry] = await libraryOf({ own: [own], folders: [path.dirname(own)], inUse }).entries();
    expect(entry?.places).toEqual(['layercake']);
    expect(entry?.copies).toHaveLength(1);
  });

  it('hold the models beside the one in use', async () => {
    const inUse = await put(namedModel('In use'), 'models', 'used.gguf');
    await put(namedModel('Beside it'), 'models', 'beside.gguf');
    await put(namedModel('Below it'), 'models', 'below', 'below.gguf');
    expect(placesByName(await libraryOf({ inUse }).entries())).toEqual({
      'Beside it': ['inUse'],
      'In use': ['inUse'],
    });
  });

  it('show what cannot be used with the cause, and nothing that is no model', async () => {
    const models = path.join(home, 'models');
    const [first, second] = splitModel('Split');
    await put(second, 'models', 'first-gone-00002-of-00002.gguf');
    await put(first, 'models', 'second-gone-00001-of-00002.gguf');
    await put(namedModel('Cut').subarray(0, -100), 'models', 'cut.gguf');
    await put('no model at all', 'models', 'text.gguf');
    await put(
      Buffer.concat([namedModel('x').subarray(0, 8), Buffer.alloc(16, 0xff)]),
      'models',
      'hostile.gguf',
    );
    await put('', 'models', 'empty.gguf');
    for (const name of ['a.gguf.ipull', 'b.gguf.part', 'c.gguf.tmp', 'd-mmproj-f16.gguf', 'e.safetensors']) {
      await put(namedModel(name), 'models', name);
    }
    await mkdir(path.join(models, 'folder.gguf'));
    const entries = await libraryOf({ folders: [models] }).entries();
    expect(Object.fromEntries(entries.map(({ name, problem }) => [name, problem]))).toEqual({
      cut: expect.stringMatching(/^modelTruncated: the tensors need/) as string,
      empty: 'modelNotGguf: the file has 0 bytes',
      'first-gone':
        'The model is incomplete: part 1 of 2 is missing. Download it again or put it beside the others.',
      hostile: expect.stringMatching(/^modelMalformed: the header claims/) as string,
      'second-gone':
        'The model is incomplete: part 2 of 2 is missing. Download it again or put it beside the others.',
      text: 'modelNotGguf: the file does not begin with "GGUF"',
    });
    expect(entries.every(({ file }) => file === undefined)).toBe(true);
  });
});

describe('the list', () => {
  it('follows what comes and goes, and reads what stayed once', async () => {
    const models = path.join(home, 'models');
    await put(namedModel('Stays'), 'models', 'stays.gguf');
    const goes = await put(namedModel('Goes'), 'models', 'goes.gguf');
    const read: string[] = [];
    const files = new PlannedFiles();
    const library = new Library({
      places: () => findPlaces({ ...nothing, folders: [models] }, { ...realSystem, env: {}, home }),
      read: (file) => {
        read.push(path.basename(file));
        return files.read(file);
      },
      describe: ({ detail }) => detail,
      log: silentLogger,
      t: translate,
    });
    expect((await library.entries()).map(({ name }) => name)).toEqual(['Goes', 'Stays']);
    await rm(goes);
    await put(namedModel('Comes'), 'models', 'comes.gguf');
    const changed = new Promise<void>((resolve) => {
      library.onDidChange(() => {
        if (!library.isSearching) resolve();
      });
    });
    library.refresh();
    await changed;
    expect(library.known.map(({ name }) => name)).toEqual(['Comes', 'Stays']);
    expect(read.sort()).toEqual(['comes.gguf', 'goes.gguf', 'stays.gguf']);
  });
});
