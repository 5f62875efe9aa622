import { settingDefaults, type SettingKey } from '../contributions';
import { baseName } from '../models/baseName';
import { heldBuffers, heldMemory } from '../models/heldMemory';
import { totalBytes } from '../plan/memory';
import type { CompletionModel, LoadedModel } from '../protocol/engine';
import type { CheckId, CheckSource, CheckView, FindingView } from '../protocol/doctor';
import { formatBytes, formatCount } from '../status/format';
import type { Diagnosis } from './diagnosis';
import { formatTokens } from './limits';
import { scrubPaths } from './scrub';

export interface ReportInput {
  diagnosis: Diagnosis;
  checks: readonly CheckView[];
  findings: readonly FindingView[];
  /** Why nothing was asked, in a sentence. */
  leftOut: string | undefined;
  versions: { extension: string; editor: string; system: string };
  settings: (key: SettingKey) => unknown;
  /** Home, folders of models, folders of the workspace: absolute paths that may not be told. */
  privateFolders: readonly string[];
}

type Row = readonly string[];

/** In English whatever the editor's language: the report goes to whoever mends things. Markdown; no code, no paths. */
export function writeReport(input: ReportInput): string {
  const { diagnosis, checks, findings, leftOut } = input;
  const folders = [...input.privateFolders, ...foldersOf(input)];
  const say = (text: string) => plain(scrubPaths(text, folders));
  const table = (head: Row, rows: readonly Row[]) =>
    [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(say).join(' | ')} |`).join('\n');
  const sections: [title: string, content: string][] = [
    ['Versions', table(['part', 'version'], versionRows(input))],
    [
      'Hardware and measurements',
      table(
        ['what', 'value', 'known by'],
        checks.map(({ id, value, source }) => [
          labels[id],
          value ?? absences[source] ?? '',
          value === undefined ? '' : source,
        ]),
      ),
    ],
    ['Question', leftOut === undefined ? questionText(diagnosis) : say(leftOut)],
    ['Plan', planTable(diagnosis, table)],
    ['Findings', findings.map(({ text }) => `- ${say(text)}`).join('\n') || 'None.'],
    ['Settings that differ from the defaults', table(['setting', 'value'], settingRows(input.settings))],
  ];
  return `# Layercake report\n\n${sections.map(([title, text]) => `## ${title}\n\n${text}\n`).join('\n')}`;
}

const absences: Partial<Record<CheckSource, string>> = {
  notTold: 'not told',
  notMeasured: 'not measured yet',
  notStarted: 'engine not started',
};

const labels: Record<CheckId, string> = {
  gpu: 'GPU',
  vram: 'VRAM',
  driver: 'graphics driver',
  backend: 'backend',
  runtime: 'runtime',
  ram: 'RAM',
  modules: 'memory modules',
  ramSpeed: 'memory speed',
  ramRated: 'RAM bandwidth, rated',
  ramMeasured: 'RAM bandwidth, reached',
  vramMeasured: 'VRAM bandwidth, reached',
  copyMeasured: 'copies to the GPU',
  cpu: 'CPU',
  instructions: 'instruction sets',
  disk: 'disk, read',
  decode: 'decode',
  prefill: 'prefill',
  firstToken: 'time to first token',
  majorFaults: 'major page faults',
  swap: 'swap',
  vramAnswer: 'VRAM in use, highest',
  spill: 'VRAM spilled into system memory',
};

function versionRows({ diagnosis: { engine }, versions }: ReportInput): Row[] {
  const { info, runtime } = engine;
  return [
    ['Layercake', versions.extension],
    ['editor', versions.editor],
    ['system', versions.system],
    ['llama.cpp', info?.llamaCppRelease ?? 'engine not started'],
    ['node-llama-cpp', info?.libraryVersion ?? 'engine not started'],
    ['runtime', runtime ? `${runtime.kind} ${runtime.version}, ${runtime.source}` : 'engine not started'],
  ];
}

function questionText({ watched }: Diagnosis): string {
  if (!watched) return 'Not asked.';
  const { promptTokens, outputTokens, seconds } = watched.answer;
  return `${promptTokens} tokens read, ${outputTokens} written, ${seconds.toFixed(1)} s in all.`;
}

/** Predicted beside measured. */
function planTable(
  { engine: { model }, plan: facts, watched }: Diagnosis,
  table: (head: Row, rows: readonly Row[]) => string,
): string {
  if (model === undefined && facts === undefined) return 'No model is loaded.';
  const plan = facts?.plan;
  const rows: Row[] = [];
  const add = (what: string, predicted: string | undefined, measured: string | undefined) =>
    rows.push([what, predicted ?? '', measured ?? '']);
  if (model) add('model', undefined, `${model.name} ${model.quant}, ${formatBytes(model.sizeBytes)}`);
  if (model?.completion) add('completion model', undefined, secondModel(model.completion));
  add(
    'GPU layers',
    plan && `${plan.config.gpuLayers} of ${plan.totalLayers}`,
    model && `${model.gpuLayers} of ${model.totalLayers}`,
  );
  add('context', plan && formatCount(plan.config.contextSize), model && formatCount(model.contextSize));
  add('batch', plan && formatCount(plan.config.batchSize), model && formatCount(model.batchSize));
  add('KV cache', plan?.config.kvCacheType, model?.kvCacheType);
  add('flash attention', onOff(plan?.config.flashAttention), onOff(model?.flashAttention));
  add('mmap', onOff(plan?.config.mmap), onOff(model?.mmap));
  add('threads', plan && String(plan.threads), model && String(model.threads));
  add('threads of prefill', plan && String(plan.prefillThreads), model && String(model.prefillThreads));
  add(
    'VRAM',
    plan && formatBytes(totalBytes(plan.use.vram)),
    model && formatBytes(heldMemory(model).vramBytes),
  );
  add('RAM', plan && formatBytes(totalBytes(plan.use.ram)), model && formatBytes(heldMemory(model).ramBytes));
  for (const buffer of bufferSums(model)) add(`buffer ${buffer.name}`, undefined, formatBytes(buffer.bytes));
  const decode = watched?.answer.decode ?? undefined;
  add(
    'decode',
    plan && formatTokens(plan.rates.decode),
    decode === undefined ? undefined : formatTokens(decode),
  );
  if (model) add('load', undefined, `${(model.loadMs / 1000).toFixed(1)} s`);
  if (plan) add('verdict', `${plan.verdict} (${plan.oracle})`, undefined);
  return table(['what', 'planned (estimated)', 'loaded (measured)'], rows);
}

function secondModel({ name, gpuLayers, totalLayers }: CompletionModel): string {
  return `${name}, ${gpuLayers} of ${totalLayers} layers on the GPU`;
}

function bufferSums(model: LoadedModel | undefined): { name: string; bytes: number }[] {
  const sums = new Map<string, number>();
  for (const { name, kind, bytes } of model ? heldBuffers(model) : []) {
    sums.set(`${name} ${kind}`, (sums.get(`${name} ${kind}`) ?? 0) + bytes);
  }
  return [...sums].map(([name, bytes]) => ({ name, bytes }));
}

function onOff(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? 'on' : 'off';
}

function settingRows(read: ReportInput['settings']): Row[] {
  return (Object.keys(settingDefaults) as SettingKey[])
    .map((key) => ({ key, value: read(key) }))
    .filter(({ key, value }) => JSON.stringify(value) !== JSON.stringify(settingDefaults[key]))
    .map(({ key, value }) => [key, settingText(key, value)]);
}

/** What a person has written, and where they keep things, is theirs. */
function settingText(key: SettingKey, value: unknown): string {
  if (key === 'engine.nodePath' || key === 'model.path') return baseName(String(value));
  if (key === 'models.folders') return `${Array.isArray(value) ? value.length : 0} folders`;
  if (key === 'models.endpoint' || key === 'chat.systemPrompt') return 'set';
  if (key !== 'load.perModel') return JSON.stringify(value);
  return Object.entries(Object(value) as Record<string, unknown>)
    .map(([path, own]) => `${baseName(path)}: ${JSON.stringify(own)}`)
    .join('; ');
}

/** Folders of the files that the settings and the engine name. */
function foldersOf({ diagnosis: { engine }, settings }: ReportInput): string[] {
  const perModel = settings('load.perModel');
  const listed = settings('models.folders');
  const files = [
    ...[settings('engine.nodePath'), settings('model.path')],
    ...[engine.model?.path, engine.runtime?.path],
    ...Object.keys(Object(perModel) as object),
  ];
  return [
    ...files.flatMap((file) => (typeof file === 'string' ? file.replace(/[^\\/]*$/, '') : [])),
    ...(Array.isArray(listed) ? listed.filter((folder) => typeof folder === 'string') : []),
  ];
}

/** Text in a cell or a list that means nothing in Markdown; a file may be named anything. */
function plain(text: string): string {
  return (
    text
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/[\\`*|[\]]/g, '\\$&')
      .replaceAll('<', '&lt;')
      // Nobody is to be called by a file's name.
      .replaceAll('@', '&#64;')
  );
}
