import type {
  ChatRequest,
  ChatResult,
  EngineInfo,
  LoadedModel,
  LoadOptions,
} from '../../../src/protocol/engine';
import { loadedModel } from '../../support/loadedModel';

export const info: EngineInfo = {
  pid: 4711,
  libraryVersion: '3.22.1',
  llamaCppRelease: 'v0.5.0',
  nodeVersion: '22.0.0',
  backend: 'cpu',
  devices: [],
  mathCores: 2,
};

export function optionsFor(modelPath: string): LoadOptions {
  return {
    modelPath,
    gpuLayers: 0,
    contextSize: 512,
    batchSize: 512,
    threads: null,
    prefillThreads: null,
    kvCacheType: 'f16',
    flashAttention: 'auto',
    mmap: true,
    mlock: false,
    sequences: 1,
  };
}

export function modelFor(options: LoadOptions): LoadedModel {
  const { modelPath: path, gpuLayers, contextSize, batchSize, sequences, kvCacheType, mmap } = options;
  return loadedModel({
    ...{ path, batchSize, sequences, kvCacheType, mmap },
    ...{ gpuLayers: gpuLayers ?? 0, contextSize: contextSize ?? 8192 },
  });
}

export function requestFor(content: string): ChatRequest {
  return {
    kind: 'chat',
    messages: [{ role: 'user', content }],
    sampling: {},
    thinking: { mode: 'off' },
  };
}

export function resultOf(text: string, stopReason: ChatResult['stopReason'] = 'end'): ChatResult {
  return {
    text,
    thought: '',
    stopReason,
    promptTokens: 1,
    reusedTokens: 0,
    outputTokens: 1,
    thoughtTokens: 0,
    prefillMs: 1,
    firstTokenMs: 1,
    decodeMs: 0,
    tokensPerSecond: null,
  };
}
