import { commandIds, type CommandName } from '../contributions';
import type { EngineSnapshot, IdleEnd, RuntimeDescription } from '../engineClient/engine';
import type { VramDevice } from '../hardware/vram';
import type { EngineState, LoadedModel } from '../protocol/engine';
import type { ContextView } from '../protocol/webview';
import type { Translate } from '../translate';
import { backendName, describeFallback } from './backend';
import {
  escapeMarkdown,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatShare,
} from './format';
import type { StatusInput } from './statusText';

/** The only commands that a link of the tooltip may run. */
export const tooltipCommands = [
  'chooseModel',
  'loadModel',
  'unloadModel',
  'restartEngine',
  'setGpuLayers',
  'setContextSize',
  'showPlan',
  'stop',
  'openSettings',
  'showLog',
] as const satisfies readonly CommandName[];
type TooltipCommand = (typeof tooltipCommands)[number];

export interface TooltipInput extends StatusInput {
  /** How full the context of the current conversation is. */
  context: ContextView | undefined;
  /** With a failed engine: why, in words. */
  failure: string | undefined;
  /** What the loaded model was planned to take and to reach; undefined where it was loaded without a plan. */
  planned: PlannedFigures | undefined;
}

export interface PlannedFigures {
  /** llama.cpp's buffers in VRAM as planned, and as it allocated them. Bytes. */
  vramBytes: number;
  allocatedBytes: number;
  /** tok/s, estimated. */
  decode: number;
}

/** Markdown: what is loaded, where its layers and bytes are, and links. Every figure says where it comes from. */
export function statusTooltip(input: TooltipInput, t: Translate): string {
  const { snapshot, failure, configured } = input;
  const paragraphs = [
    heading(snapshot.model, configured, t),
    failure === undefined ? undefined : `$(error) ${escapeMarkdown(failure)}`,
    snapshot.unresponsive === true
      ? `$(warning) ${t('The engine has not answered for 30 s. It may be short of memory.')}`
      : undefined,
    snapshot.idleEnd && idleText(snapshot.idleEnd, t),
    snapshot.info?.fallback && `$(warning) ${escapeMarkdown(fallbackText(snapshot, t))}`,
    facts(input, t)
      .map(([label, value]) => `${label}: ${escapeMarkdown(value)}`)
      .join('  \n'),
    links(input, t),
  ];
  return paragraphs.filter((part) => part !== undefined && part !== '').join('\n\n');
}

function heading(model: LoadedModel | undefined, configured: string | undefined, t: Translate): string {
  if (model) return `**${escapeMarkdown(model.name)}** ${escapeMarkdown(model.quant)}`;
  if (configured === undefined) return t('**No model is chosen.**');
  return `**${escapeMarkdown(configured)}** ${t('is not loaded.')}`;
}

function idleText({ minutes, loadMs }: IdleEnd, t: Translate): string {
  return t(
    'Unloaded after {0} min without a request. The next message loads it again, which took {1} last time (measured).',
    formatCount(Math.round(minutes)),
    formatDuration(loadMs / 1000),
  );
}

function fallbackText({ info }: EngineSnapshot, t: Translate): string {
  return info?.fallback ? describeFallback(info.fallback, info.backend, t) : '';
}

/** Label and value; labels are our own words and need no escape. */
function facts({ snapshot, memory, context, planned }: TooltipInput, t: Translate): [string, string][] {
  const { state, model, info, runtime } = snapshot;
  const rows: [string, string][] = [];
  if (state.kind === 'prefilling') rows.push([t('Reading'), readingText(state, t)]);
  if (model) rows.push([t('Layers'), layers(model, t)]);
  for (const device of memory?.devices ?? []) rows.push([t('VRAM'), vram(device, t)]);
  if (model && planned) rows.push([t('Plan'), planText(planned, t)]);
  if (model && memory?.engineRamBytes !== undefined) {
    rows.push([t('RAM'), t('{0} held by the engine, measured', formatBytes(memory.engineRamBytes))]);
  }
  if (model) rows.push([t('Context'), contextText(model, context, t)]);
  if (model) rows.push([t('Threads'), threadsText(model, t)]);
  if (info) rows.push([t('Backend'), `${backendName(info.backend)}, llama.cpp ${info.llamaCppRelease}`]);
  if (runtime) rows.push([t('Runtime'), runtimeText(runtime, t)]);
  return rows;
}

function threadsText({ threads, prefillThreads }: LoadedModel, t: Translate): string {
  if (threads === prefillThreads) return formatCount(threads);
  return t('{0}, {1} for reading', formatCount(threads), formatCount(prefillThreads));
}

function readingText(
  { done, total, tokensPerSecond: rate }: Extract<EngineState, { kind: 'prefilling' }>,
  t: Translate,
): string {
  const tokens = t('{0} of {1} tokens', formatCount(done), formatCount(total));
  if (rate <= 0) return tokens;
  const left = formatDuration((total - done) / rate);
  return t('{0} at {1} (measured), about {2} left (estimated)', tokens, formatRate(rate), left);
}

function layers({ gpuLayers, totalLayers }: LoadedModel, t: Translate): string {
  if (gpuLayers === 0) return t('0 of {0} on the GPU, all in RAM', totalLayers);
  if (gpuLayers >= totalLayers) return t('all {0} on the GPU', totalLayers);
  return t('{0} of {1} on the GPU, the rest in RAM', gpuLayers, totalLayers);
}

function planText({ vramBytes, allocatedBytes, decode }: PlannedFigures, t: Translate): string {
  const rate = t('{0} estimated', formatRate(decode));
  if (vramBytes === 0 && allocatedBytes === 0) return rate;
  const bytes = t(
    '{0} of VRAM planned, {1} allocated (measured)',
    formatBytes(vramBytes),
    formatBytes(allocatedBytes),
  );
  return `${bytes}, ${rate}`;
}

function vram(device: VramDevice, t: Translate): string {
  return t(
    '{0} used on {1}, measured by {2}',
    formatShare(device.usedBytes, device.totalBytes),
    device.name,
    sourceName(device.source, t),
  );
}

function sourceName(source: VramDevice['source'], t: Translate): string {
  switch (source) {
    case 'nvidia-smi':
      return 'nvidia-smi';
    case 'sysfs':
      return '/sys/class/drm';
    case 'engine':
      return t('the engine');
  }
}

function contextText(model: LoadedModel, context: ContextView | undefined, t: Translate): string {
  const total = formatCount(model.contextSize);
  if (context === undefined) return t('{0} tokens', total);
  const share = formatPercent(context.usedTokens / Math.max(1, context.totalTokens));
  return t('{0} of {1} tokens used ({2})', formatCount(context.usedTokens), total, share);
}

function runtimeText({ kind, version, source, path }: RuntimeDescription, t: Translate): string {
  const name = kind === 'electron' ? 'Electron' : 'Node.js';
  const from: Record<RuntimeDescription['source'], string> = {
    setting: t('from the settings'),
    editor: t('the editor’s own'),
    path: t('from PATH'),
    loginShell: t('from the login shell'),
    package: t('downloaded'),
    electron: t('the editor’s own; Node.js would be safer with large models'),
  };
  return `${name} ${version.replace(/^v/, '')}, ${from[source]} (${path})`;
}

function links({ snapshot, configured }: TooltipInput, t: Translate): string {
  const { state, model, unresponsive } = snapshot;
  const link = (name: TooltipCommand, label: string) => `[${label}](command:${commandIds[name]})`;
  const busy = ['prefilling', 'generating', 'loading'].includes(state.kind);
  return [
    unresponsive === true ? link('restartEngine', t('Restart')) : undefined,
    busy ? link('stop', t('Stop')) : undefined,
    !busy && !model && configured !== undefined ? link('loadModel', t('Load')) : undefined,
    !model ? link('chooseModel', t('Choose a model')) : undefined,
    model ? link('setGpuLayers', t('Layers')) : undefined,
    model ? link('setContextSize', t('Context')) : undefined,
    model ? link('unloadModel', t('Unload')) : undefined,
    configured === undefined ? undefined : link('showPlan', t('Plan')),
    link('openSettings', t('Settings')),
    link('showLog', t('Log')),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
