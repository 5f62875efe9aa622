import type { EngineSnapshot } from '../engineClient/engine';
import type { MemoryReading } from '../hardware/vramMonitor';
import type { EngineState } from '../protocol/engine';
import type { Translate } from '../translate';
import { formatBytes, formatDuration, formatPercent, formatRate, formatShare, shortName } from './format';

/** What the status bar's item shows at one moment. */
export interface StatusText {
  /** With `$(icon)`s. */
  text: string;
  /** For screen readers: no icons. */
  label: string;
  severity: 'normal' | 'warning' | 'error';
}

export interface StatusInput {
  snapshot: EngineSnapshot;
  /** undefined while no model is loaded. */
  memory: MemoryReading | undefined;
  /** File name of the model that the settings name. */
  configured: string | undefined;
}

/** One line: model, VRAM used of total, rate or progress. */
export function statusText({ snapshot, memory, configured }: StatusInput, t: Translate): StatusText {
  const { state, model, info, unresponsive } = snapshot;
  const name = model
    ? shortName(model.name, model.quant)
    : configured === undefined
      ? t('No model')
      : shortName(configured, '');
  const parts = [name, activity(snapshot, t), model ? memoryText(memory, t) : undefined].filter(
    (part) => part !== undefined,
  );
  const line = parts.join(' · ');
  return {
    text: `$(${unresponsive === true ? 'warning' : icon(state, model !== undefined)}) ${line.replaceAll('$(', '$ (')}`,
    label: `Layercake: ${line}`,
    severity: state.kind === 'failed' ? 'error' : (unresponsive ?? info?.fallback) ? 'warning' : 'normal',
  };
}

function icon(state: EngineState, loaded: boolean): string {
  switch (state.kind) {
    case 'stopped':
      return loaded ? 'layers' : 'circle-outline';
    case 'starting':
    case 'loading':
    case 'prefilling':
      return 'loading~spin';
    case 'ready':
      return 'layers';
    case 'generating':
      return 'pulse';
    case 'failed':
      return 'error';
  }
}

/** What it does, in two words at most. */
function activity({ state, unresponsive, idleEnd }: EngineSnapshot, t: Translate): string | undefined {
  if (unresponsive === true) return t('not answering');
  switch (state.kind) {
    case 'stopped':
      return idleEnd && t('unloaded, idle');
    case 'ready':
      return undefined;
    case 'starting':
      return t('starting');
    case 'loading':
      return t('loading {0}', formatPercent(state.progress));
    case 'prefilling':
      return reading(state, t);
    case 'generating':
      return state.rate > 0 ? formatRate(state.rate) : t('answering');
    case 'failed':
      return t('failed');
  }
}

function reading(state: Extract<EngineState, { kind: 'prefilling' }>, t: Translate): string {
  const { done, total, tokensPerSecond } = state;
  const share = formatPercent(total > 0 ? done / total : 0);
  if (tokensPerSecond <= 0) return t('reading {0}', share);
  return t('reading {0}, {1} left', share, formatDuration((total - done) / tokensPerSecond));
}

/** Used of total of all cards; the engine's RAM where there is no card. */
function memoryText(memory: MemoryReading | undefined, t: Translate): string | undefined {
  if (memory === undefined) return undefined;
  if (memory.devices.length > 0) {
    const sum = (of: 'usedBytes' | 'totalBytes') =>
      memory.devices.reduce((total, device) => total + device[of], 0);
    return formatShare(sum('usedBytes'), sum('totalBytes'));
  }
  return memory.engineRamBytes === undefined ? undefined : t('{0} RAM', formatBytes(memory.engineRamBytes));
}
