import * as v from 'valibot';
import { loadSettingNames } from '../models/loadSettings';
import type { LoadForm, SettingsCommand } from '../protocol/webview';
import { flashAttentionChoices, kvCacheTypes } from '../protocol/engine';
import { parseByRule, settingRules, type SettingProblem } from '../settingsParse';

const number = v.nullable(v.pipe(v.number(), v.finite()));
const path = v.pipe(v.string(), v.maxLength(32_768));

const form = v.object({
  modelPath: path,
  vramBudget: number,
  gpuLayers: number,
  contextSize: number,
  batchSize: number,
  threads: number,
  kvCacheType: v.nullable(v.picklist(kvCacheTypes)),
  flashAttention: v.picklist(flashAttentionChoices),
  sequences: number,
  mmap: v.boolean(),
  mlock: v.boolean(),
});

const schema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('browse') }),
  v.object({ kind: v.literal('inspect'), path }),
  v.object({
    kind: v.literal('apply'),
    form,
    perModel: v.boolean(),
  }),
  v.object({ kind: v.literal('cancelApply') }),
  v.object({ kind: v.literal('plan'), form }),
  v.object({ kind: v.literal('calibrate') }),
  v.object({ kind: v.literal('cancelCalibrate') }),
  v.object({ kind: v.literal('testEngine') }),
  v.object({ kind: v.literal('openSettingsJson') }),
  v.object({ kind: v.literal('showLog') }),
]);

/** A message of the page; undefined where it has not the shape of one. */
export function parseSettingsCommand(data: unknown): SettingsCommand | undefined {
  const result = v.safeParse(schema, data);
  return result.success ? result.output : undefined;
}

/** Values of a form that are out of range. */
export function formProblems(form: LoadForm): SettingProblem[] {
  return loadSettingNames
    .map((name) => parseByRule(`layercake.load.${name}`, settingRules[`load.${name}`], form[name], null))
    .flatMap(({ problem }) => problem ?? []);
}
