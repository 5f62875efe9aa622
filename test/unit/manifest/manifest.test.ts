import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  commandIds,
  contextKeys,
  inlineChatId,
  languages,
  reviewScheme,
  settingDefaults,
  thinkingModes,
  viewIds,
  type SettingKey,
} from '../../../src/contributions';
import { backendChoices, flashAttentionChoices, kvCacheTypes } from '../../../src/protocol/engine';

interface Property {
  type: string | string[];
  default: unknown;
  enum?: (string | null)[];
  markdownEnumDescriptions?: string[];
  minimum?: number;
  maximum?: number;
  scope?: string;
}
interface MenuItem {
  command?: string;
  submenu?: string;
  when?: string;
}
interface Manifest {
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  dependencies: Record<string, string>;
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string }[];
    configuration: { id: string; title: string; properties: Record<string, Property> }[];
    viewsContainers: Record<string, { id: string }[]>;
    views: Record<string, { id: string; type: string }[]>;
    submenus: { id: string }[];
    menus: Record<string, MenuItem[]>;
    keybindings: { command: string; key: string; mac: string; when: string }[];
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
}

function read(file: string): string {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
}
const text = read('package.json');
const manifest = JSON.parse(text) as Manifest;
const nls = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { contributes } = manifest;
const properties = Object.assign({}, ...contributes.configuration.map((group) => group.properties)) as Record<
  string,
  Property
>;

function keyOf(setting: string): SettingKey {
  return setting.slice('layercake.'.length) as SettingKey;
}

describe('commands', () => {
  it('are those of contributions.ts, in the manifest and nowhere else', () => {
    expect(contributes.commands.map(({ command }) => command)).toEqual(Object.values(commandIds));
  });

  it('have a title of their own and the category', () => {
    for (const { command, title, category } of contributes.commands) {
      expect(title).toBe(`%command.${command.slice('layercake.'.length)}%`);
      // Those of a thread's own buttons are short, and say in the palette what they are of.
      expect(category).toBe(
        command.startsWith('layercake.inlineChat.') ? 'Layercake Inline Chat' : 'Layercake',
      );
    }
  });

  it('are the only ones that menus and keybindings name', () => {
    const known = new Set<string>(Object.values(commandIds));
    const named = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].flatMap((item) =>
      item.command === undefined ? [] : [item.command],
    );
    expect(named.filter((command) => !known.has(command))).toEqual([]);
  });

  it('have an icon where a title bar shows them', () => {
    const icons = new Map(contributes.commands.map(({ command, icon }) => [command, icon]));
    const inBars = ['view/title', 'editor/title'].flatMap((menu) =>
      (contributes.menus[menu] ?? []).filter(
        (item) => 'group' in item && String(item.group).startsWith('navigation'),
      ),
    );
    expect(inBars.length).toBeGreaterThan(0);
    for (const { command } of inBars) expect(icons.get(command ?? ''), command).toBeDefined();
  });

  it('have a key on macOS wherever they have one elsewhere', () => {
    for (const { key, mac } of contributes.keybindings) expect(mac).toBe(key.replaceAll('ctrl', 'cmd'));
  });
});

describe('settings', () => {
  it('are those of contributions.ts', () => {
    expect(Object.keys(properties).map(keyOf).sort()).toEqual(Object.keys(settingDefaults).sort());
  });

  it('have the defaults of contributions.ts', () => {
    for (const [name, property] of Object.entries(properties)) {
      expect(property.default, name).toEqual(settingDefaults[keyOf(name)]);
    }
  });

  it('have defaults of their own type and within their own range', () => {
    for (const [name, { type, default: value, minimum, maximum }] of Object.entries(properties)) {
      expect([type].flat(), name).toContain(jsonType(value, [type].flat()));
      if (typeof value !== 'number') continue;
      expect(value, name).toBeGreaterThanOrEqual(minimum ?? value);
      expect(value, name).toBeLessThanOrEqual(maximum ?? value);
    }
  });

  it('offer the values that the code knows, each described', () => {
    const choices: Partial<Record<SettingKey, readonly (string | null)[]>> = {
      'engine.backend': backendChoices,
      'load.kvCacheType': [null, ...kvCacheTypes],
      'load.flashAttention': flashAttentionChoices,
      'chat.thinking': thinkingModes,
      language: languages,
    };
    for (const [name, property] of Object.entries(properties)) {
      expect(property.enum, name).toEqual(choices[keyOf(name)]);
      const descriptions = property.enum?.map((value) => `%setting.${keyOf(name)}.${String(value)}%`);
      expect(property.markdownEnumDescriptions, name).toEqual(descriptions);
    }
  });

  it('stay on the machine where they speak of its files, its hardware or addresses', () => {
    for (const [name, { scope }] of Object.entries(properties)) {
      const ofTheMachine = /^layercake\.(engine|model|models|completion|draft|load)\./.test(name);
      expect(scope, name).toBe(ofTheMachine ? 'machine' : undefined);
    }
  });

  it('stand in the group that their name says', () => {
    const groups: Record<string, string[]> = {
      model: ['model', 'models', 'completion', 'draft'],
      code: ['codeLens', 'prompts'],
      chat: ['chat', 'context', 'language'],
    };
    for (const { id, properties: own } of contributes.configuration) {
      const group = id.slice('layercake.'.length);
      for (const name of Object.keys(own)) {
        expect(groups[group] ?? [group], name).toContain(keyOf(name).split('.')[0]);
      }
    }
  });

  it('exist where Restricted Mode restricts them', () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    expect(restricted.filter((name) => !(name in properties))).toEqual([]);
  });
});

describe('views, menus and context keys', () => {
  it('are those of contributions.ts', () => {
    expect(contributes.viewsContainers['activitybar']?.map(({ id }) => id)).toEqual([viewIds.container]);
    expect(contributes.views).toHaveProperty([viewIds.container]);
    expect(contributes.views[viewIds.container]?.map(({ id }) => id)).toEqual([viewIds.chat, viewIds.models]);
  });

  it('show only submenus that exist and are filled', () => {
    const ids = contributes.submenus.map(({ id }) => id);
    const shown = Object.values(contributes.menus).flatMap((items) =>
      items.flatMap(({ submenu }) => submenu ?? []),
    );
    expect(shown.sort()).toEqual([...ids].sort());
    for (const id of ids) expect(contributes.menus[id]?.length).toBeGreaterThan(0);
  });

  it('ask only for our own names that exist', () => {
    const known = new Set<string>([
      ...Object.values(contextKeys),
      ...[viewIds.chat, viewIds.models, reviewScheme, inlineChatId],
    ]);
    const conditions = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].flatMap(
      ({ when }) => when ?? [],
    );
    const asked = conditions.flatMap((when) => when.match(/\blayercake[\w.-]*/g) ?? []);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('package.nls.json', () => {
  const used = [...text.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);

  it('has a text for every placeholder of the manifest', () => {
    expect(used.filter((key) => key === undefined || !nls[key])).toEqual([]);
  });

  it('has no text that nothing uses', () => {
    expect(Object.keys(nls).filter((key) => !used.includes(key))).toEqual([]);
  });

  it('names only settings that exist', () => {
    const named = Object.values(nls).flatMap((value) =>
      [...value.matchAll(/`#([\w.]+)#`/g)].map(([, name]) => name),
    );
    expect(named.filter((name) => name === undefined || !(name in properties))).toEqual([]);
  });
});

describe('dependencies', () => {
  it('pin the editor types to the oldest editor that is supported', () => {
    expect(`^${manifest.devDependencies['@types/vscode'] ?? ''}`).toBe(manifest.engines.vscode);
  });

  it('are pinned exactly', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

function jsonType(value: unknown, types: string[]): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number')
    return Number.isInteger(value) && types.includes('integer') ? 'integer' : 'number';
  return typeof value;
}
