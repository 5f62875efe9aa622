import type {
  ChatRequest,
  ChatResult,
  EngineInfo,
  LoadedModel,
  LoadOptions,
} from '../../../src/protocol/engine';

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
    kvCacheType: 'f16',
    flashAttention: 'auto',
    mmap: true,
    mlock: false,
    sequences: 1,
  };
}

export function modelFor(options: LoadOptions): LoadedModel {
  return {
    path: options.modelPath,
    name: 'Sample',
    architecture: 'llama',
    quant: 'F16',
    parameters: 1,
    sizeBytes: 2,
    totalLayers: 3,
    gpuLayers: options.gpuLayers ?? 0,
    contextSize: options.contextSize ?? 8192,
    trainContextSize: 8192,
    batchSize: options.batchSize,
    threads: 2,
    sequences: options.sequences,
    kvCacheType: options.kvCacheType,
    flashAttention: false,
    mmap: options.mmap,
    memory: { ramBytes: 1, vramBytes: 0 },
    buffers: [],
    deviceUsedBytes: null,
    loadMs: 1,
    fileSampling: {},
    chatTemplate: 'Jinja',
    supportsThinking: false,
  };
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
