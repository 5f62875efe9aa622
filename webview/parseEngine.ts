import type { EngineState, LoadedModel } from '../src/protocol/engine';
import type { EngineView } from '../src/protocol/webview';
import { numberOr, optionalNumber, record, textOr } from './loose';

/** What a page shows of the engine; an unknown state reads as `stopped`. */
export function parseEngineView(data: unknown): EngineView {
  const source = record(data);
  return {
    state: parseState(source['state']),
    model: parseModel(source['model']),
    configuredModel: typeof source['configuredModel'] === 'string' ? source['configuredModel'] : undefined,
    failure: typeof source['failure'] === 'string' ? source['failure'] : undefined,
    unresponsive: source['unresponsive'] === true || undefined,
    idleEnd: parseIdleEnd(source['idleEnd']),
  };
}

function parseIdleEnd(data: unknown): EngineView['idleEnd'] {
  const source = record(data);
  const minutes = optionalNumber(source['minutes']);
  const seconds = optionalNumber(source['seconds']);
  return minutes === undefined || seconds === undefined ? undefined : { minutes, seconds };
}

function parseState(data: unknown): EngineState {
  const source = record(data);
  switch (source['kind']) {
    case 'starting':
      return { kind: 'starting' };
    case 'ready':
      return { kind: 'ready' };
    case 'loading':
      return {
        kind: 'loading',
        modelPath: textOr(source['modelPath']),
        progress: numberOr(source['progress'], 0),
      };
    case 'prefilling':
      return {
        kind: 'prefilling',
        done: numberOr(source['done'], 0),
        total: numberOr(source['total'], 0),
        tokensPerSecond: numberOr(source['tokensPerSecond'], 0),
      };
    case 'generating':
      return { kind: 'generating', rate: numberOr(source['rate'], 0), tokens: numberOr(source['tokens'], 0) };
    case 'failed':
      // The reason is only for code that branches on it; pages show `EngineView.failure`.
      return {
        kind: 'failed',
        error: { reason: 'internal', detail: textOr(record(source['error'])['detail']) },
      };
    default:
      return { kind: 'stopped' };
  }
}

/** A model is passed on as it stands once the parts that pages compute with are numbers. */
function parseModel(data: unknown): LoadedModel | undefined {
  const source = record(data);
  const numeric = ['totalLayers', 'gpuLayers', 'contextSize'].every(
    (name) => optionalNumber(source[name]) !== undefined,
  );
  if (!numeric || typeof source['name'] !== 'string' || typeof source['quant'] !== 'string') return undefined;
  return data as LoadedModel;
}
