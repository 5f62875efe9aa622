import { stat } from 'node:fs/promises';
import { EngineError } from '../errors';
import type { EngineInfo, LoadOptions } from '../protocol/engine';
import type { RuntimeDescription } from './engine';

const splitName = /-(\d{5})-of-(\d{5})\.gguf$/;

/**
 * Refuses a model whose weights would need a larger buffer in RAM than the runtime can give: there the process would
 * end without a word. Weights stay in the mapped file, outside any buffer, where a GPU is in use and mmap is on.
 */
export async function checkHostBuffers(
  runtime: RuntimeDescription,
  info: EngineInfo,
  options: LoadOptions,
): Promise<void> {
  const limit = runtime.hostBufferLimitBytes;
  if (limit === undefined || (info.backend !== 'cpu' && options.mmap)) return;
  const bytes = await modelBytes(options.modelPath);
  if (bytes <= limit) return;
  throw new EngineError({
    reason: 'doesNotFit',
    detail: `${gib(bytes)} GiB of weights in RAM; the editor's own runtime (Electron) takes ${gib(limit)} GiB at most`,
  });
}

/** Bytes of the file, of all parts of a split one; 0 where it cannot be read: the engine says why. */
async function modelBytes(path: string): Promise<number> {
  const split = splitName.exec(path);
  const parts = Math.min(Number(split?.[2] ?? 1), 1000);
  let bytes = 0;
  for (let part = 1; part <= parts; part++) {
    const name =
      split === null
        ? path
        : path.replace(splitName, `-${String(part).padStart(5, '0')}-of-${split[2] ?? ''}.gguf`);
    bytes += (await stat(name).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

function gib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
