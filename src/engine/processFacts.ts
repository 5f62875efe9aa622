import type { EngineInfo, MemoryResult } from '../protocol/engine';
import type { OpenedBackend } from './backend';
import { LlamaLibrary } from './llama';

/** What this process is and sees. */
export async function engineInfo({
  library,
  fallback,
  largestTensorBytes,
}: OpenedBackend): Promise<EngineInfo> {
  const devices = await library.devices();
  return {
    pid: process.pid,
    libraryVersion: await LlamaLibrary.version(),
    llamaCppRelease: library.llamaCppRelease,
    nodeVersion: process.versions.node,
    backend: library.backend,
    ...(fallback !== undefined && { fallback }),
    devices: devices.map(({ name, totalBytes, freeBytes }) => ({
      ...{ name, totalBytes, freeBytes },
      ...(largestTensorBytes !== undefined && { largestTensorBytes }),
    })),
    mathCores: library.mathCores,
  };
}

/** @param vramBytes what llama.cpp says it holds */
export async function memoryInUse(library: LlamaLibrary, vramBytes: number): Promise<MemoryResult> {
  const devices = await library.devices();
  return {
    rssBytes: process.memoryUsage.rss(),
    // Vulkan tells what is free, not always what is used: llama.cpp's own buffers are the least it can be.
    devices: devices.map((device) => ({ ...device, usedBytes: Math.max(device.usedBytes, vramBytes) })),
  };
}
