import { basename } from 'node:path';
import type { GgufHeader } from '../gguf/model';
import { checkpointsOf } from '../plan/checkpoints';
import { shapeOf } from '../plan/shapeOf';
import type { LoadedModel, ModelOptions, Sampling } from '../protocol/engine';
import type { OpenedBackend } from './backend';
import { RequestCancelled } from './failure';
import { checkCache, checkFit } from './fit';
import type { LlamaLibrary } from './llama';
import type { SessionOptions } from './llamaOptions';
import type { LlamaSession } from './llamaSession';
import { checkRanges } from './optionRanges';

/** Where the request leaves the context to us, tokens: what models are trained on is often more than RAM holds. */
const defaultContextSize = 8192;

/**
 * One core stays free for the editor: with a busy neighbour on it, threads that wait for each other at every step
 * lose far more (measured: four fifths) than the core would have given. That is so in decode alone: prefill with all
 * of two cores lost 6 % to a busy neighbour, and was 1.9 times as fast as with one.
 */
export function defaultThreads(physicalCores: number): number {
  return Math.max(1, physicalCores - 1);
}

export interface OpenModel {
  session: LlamaSession;
  header: GgufHeader;
  described: LoadedModel;
}

/**
 * Loads a model whose header was read.
 * @throws EngineProblem, RequestCancelled; nothing stays loaded then
 */
export async function loadModel(
  { backend, header }: { backend: OpenedBackend; header: GgufHeader },
  options: ModelOptions,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<OpenModel> {
  const { library, largestTensorBytes } = backend;
  checkRanges(options);
  checkFit(header, { onCpuAlone: library.backend === 'cpu', mmap: options.mmap });
  const start = performance.now();
  const contextSize = options.contextSize ?? Math.min(header.trainContext, defaultContextSize);
  const wanted: SessionOptions = {
    modelPath: options.modelPath,
    gpuLayers: library.backend === 'cpu' ? 0 : options.gpuLayers,
    contextSize,
    batchSize: options.batchSize,
    threads: options.threads ?? defaultThreads(library.mathCores),
    prefillThreads: options.prefillThreads ?? library.mathCores,
    kvCacheType: options.kvCacheType,
    flashAttention: options.flashAttention,
    mmap: options.mmap,
    mlock: options.mlock,
    sequences: options.sequences,
    checkpoints: checkpointsOf(shapeOf(header).layers, { ...options, contextSize }),
    onProgress,
    signal,
  };
  // Where it is to be as many as fit, the library simulates all of them.
  const gpuLayers = wanted.gpuLayers ?? header.totalLayers;
  checkCache(
    header,
    { ...wanted, gpuLayers, flashAttention: wanted.flashAttention !== 'off' },
    largestTensorBytes,
  );
  const usedBefore = await deviceUse(library);
  const session = await library.load(wanted);
  if (signal.aborted) {
    await session.dispose();
    throw new RequestCancelled();
  }
  const loadMs = performance.now() - start;
  const usedAfter = await deviceUse(library);
  // Some Vulkan drivers tell what is free and never what is used.
  const deviceUsedBytes = usedAfter > 0 ? { before: usedBefore, after: usedAfter } : null;
  return { session, header, described: { ...describe(session, header, wanted, loadMs), deviceUsedBytes } };
}

/** VRAM in use by the devices' own account, bytes; 0 where they do not tell. */
async function deviceUse(library: LlamaLibrary): Promise<number> {
  const devices = await library.devices();
  return devices.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
}

function describe(
  session: LlamaSession,
  header: GgufHeader,
  wanted: SessionOptions,
  loadMs: number,
): Omit<LoadedModel, 'deviceUsedBytes'> {
  return {
    path: wanted.modelPath,
    name: header.name ?? basename(wanted.modelPath),
    architecture: header.architecture,
    quant: header.quant,
    parameters: header.parameters,
    sizeBytes: header.tensorBytes,
    totalLayers: header.totalLayers,
    gpuLayers: session.gpuLayers,
    contextSize: session.contextSize,
    trainContextSize: session.trainContextSize,
    batchSize: session.batchSize,
    threads: wanted.threads,
    prefillThreads: wanted.prefillThreads,
    sequences: wanted.sequences,
    kvCacheType: wanted.kvCacheType,
    flashAttention: session.flashAttention,
    mmap: session.usesMmap,
    memory: session.memory,
    buffers: session.buffers,
    loadMs,
    fileSampling: header.sampling satisfies Partial<Sampling>,
    chatTemplate: session.wrapperName,
    supportsThinking: session.supportsThinking,
    fim: header.fim !== undefined,
    toolCalling: session.toolCalling,
  };
}
