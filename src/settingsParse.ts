import * as v from 'valibot';
import {
  languages,
  settingDefaults,
  thinkingModes,
  type SettingKey,
  type SettingTypes,
} from './contributions';
import { backendChoices, flashAttentionChoices, kvCacheTypes } from './protocol/engine';
import type { Translate } from './translate';

/** What a setting may be. Bounds are inclusive and equal the manifest's. */
export type SettingRule =
  | { kind: 'integer' | 'number'; min: number; max: number; nullable: boolean }
  /** null among the values: automatic. */
  | { kind: 'choice'; values: readonly (string | null)[] }
  | { kind: 'boolean' | 'text' | 'texts' | 'perModel' | 'prompts' };

const integer = (min: number, max: number) => ({ kind: 'integer', min, max, nullable: false }) as const;
const optionalInteger = (min: number, max: number) =>
  ({ kind: 'integer', min, max, nullable: true }) as const;
const number = (min: number, max: number) => ({ kind: 'number', min, max, nullable: false }) as const;
const optionalNumber = (min: number, max: number) => ({ kind: 'number', min, max, nullable: true }) as const;

export const settingRules = {
  'engine.nodePath': { kind: 'text' },
  'engine.backend': { kind: 'choice', values: backendChoices },
  'engine.idleUnloadMinutes': number(0, 10_080),
  'engine.idleUnloadMinutesOnBattery': number(0, 10_080),
  'engine.savedStatesGiB': number(0, 1024),
  'model.path': { kind: 'text' },
  'models.folders': { kind: 'texts' },
  'models.downloadFolder': { kind: 'text' },
  'models.endpoint': { kind: 'text' },
  'completion.modelPath': { kind: 'text' },
  'completion.enabled': { kind: 'boolean' },
  'completion.longestWait': number(0.2, 600),
  'completion.maxTokens': integer(8, 2048),
  'draft.modelPath': { kind: 'text' },
  'load.vramBudget': optionalNumber(0, 1024),
  'load.gpuLayers': optionalInteger(0, 1000),
  'load.contextSize': optionalInteger(256, 1_048_576),
  'load.batchSize': optionalInteger(16, 8192),
  'load.threads': optionalInteger(1, 512),
  'load.kvCacheType': { kind: 'choice', values: [null, ...kvCacheTypes] },
  'load.flashAttention': { kind: 'choice', values: flashAttentionChoices },
  'load.sequences': optionalInteger(1, 4),
  'load.mmap': { kind: 'boolean' },
  'load.mlock': { kind: 'boolean' },
  'load.perModel': { kind: 'perModel' },
  'plan.promptTokens': integer(1, 1_048_576),
  'plan.answerTokens': integer(1, 1_048_576),
  'plan.calibrateAtFirstLoad': { kind: 'boolean' },
  'sampling.temperature': optionalNumber(0, 5),
  'sampling.topK': optionalInteger(0, 100_000),
  'sampling.topP': optionalNumber(0, 1),
  'sampling.minP': optionalNumber(0, 1),
  'sampling.seed': optionalInteger(0, 4_294_967_295),
  'sampling.maxTokens': integer(1, 1_048_576),
  'chat.systemPrompt': { kind: 'text' },
  'chat.thinking': { kind: 'choice', values: thinkingModes },
  'chat.thinkingBudget': integer(1, 131_072),
  'chat.useAgentsFile': { kind: 'boolean' },
  'chat.notifyAfter': { kind: 'number', min: 0, max: Infinity, nullable: false },
  'context.budgetSeconds': number(0, 86_400),
  codeLens: { kind: 'boolean' },
  prompts: { kind: 'prompts' },
  language: { kind: 'choice', values: languages },
} as const satisfies { [K in SettingKey]: SettingRule };

/** A value in settings.json that cannot be used; another one is used in its place. */
export interface SettingProblem {
  /** As it stands in settings.json, e.g. "layercake.load.threads". */
  setting: string;
  value: unknown;
  rule: SettingRule;
}

export interface ParsedSetting<Value> {
  /** The given value, or `fallback` where that is no good. */
  value: Value;
  problem: SettingProblem | undefined;
}

/** The value that a setting has, checked; the default and a problem where it is out of range or of a wrong type. */
export function parseSetting<K extends SettingKey>(key: K, value: unknown): ParsedSetting<SettingTypes[K]> {
  return parseByRule(`layercake.${key}`, settingRules[key], value, settingDefaults[key]);
}

/** As `parseSetting`, under another name and with another fallback: for the entries of `load.perModel`. */
export function parseByRule<Value>(
  setting: string,
  rule: SettingRule,
  value: unknown,
  fallback: Value,
): ParsedSetting<Value> {
  // The rule says that what passes it has the type of the setting.
  if (v.is(schemaOf(rule), value)) return { value: value as Value, problem: undefined };
  return { value: fallback, problem: { setting, value, rule } };
}

function schemaOf(rule: SettingRule): v.GenericSchema {
  switch (rule.kind) {
    case 'integer':
    case 'number': {
      const bounded = v.pipe(v.number(), v.minValue(rule.min), v.maxValue(rule.max));
      const schema = rule.kind === 'integer' ? v.pipe(bounded, v.integer()) : bounded;
      return rule.nullable ? v.nullable(schema) : schema;
    }
    case 'choice':
      return v.custom((value) => rule.values.some((known) => known === value));
    case 'boolean':
      return v.boolean();
    case 'text':
      return v.string();
    case 'texts':
      return v.array(v.string());
    case 'perModel':
      return v.record(v.string(), v.record(v.string(), v.unknown()));
    case 'prompts':
      return v.record(v.string(), v.unknown());
  }
}

/** One sentence that names the setting, its value and what it may be. */
export function describeSettingProblem({ setting, value, rule }: SettingProblem, t: Translate): string {
  return t('{0} is {1}, but has to be {2}. The default is used.', setting, shorten(value), allowed(rule, t));
}

function allowed(rule: SettingRule, t: Translate): string {
  switch (rule.kind) {
    case 'integer':
    case 'number':
      return range(rule, t);
    case 'choice':
      return t('one of {0}', rule.values.map(String).join(', '));
    case 'boolean':
      return t('true or false');
    case 'text':
      return t('a text');
    case 'texts':
      return t('a list of texts');
    case 'perModel':
      return t('an object with an object for each model file');
    case 'prompts':
      return t('an object with a prompt for each name');
  }
}

function range(rule: Extract<SettingRule, { kind: 'integer' | 'number' }>, t: Translate): string {
  const { kind, min, max, nullable } = rule;
  if (max === Infinity) return t('a number of at least {0}', min);
  if (nullable) {
    return kind === 'integer'
      ? t('a whole number from {0} to {1}, or null', min, max)
      : t('a number from {0} to {1}, or null', min, max);
  }
  return kind === 'integer'
    ? t('a whole number from {0} to {1}', min, max)
    : t('a number from {0} to {1}', min, max);
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'undefined';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
