import { problem } from './failure';

const ranges = {
  gpuLayers: [0, 10_000],
  contextSize: [64, 2 ** 24],
  batchSize: [1, 2 ** 16],
  threads: [1, 1024],
  prefillThreads: [1, 1024],
  sequences: [1, 256],
} as const;

/**
 * Settings are checked by the client; what comes over the socket is checked here, since llama.cpp may abort on it.
 * @throws EngineProblem `badRequest`
 */
export function checkRanges(options: { [Name in keyof typeof ranges]?: number | null }): void {
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const value = options[name as keyof typeof ranges] ?? null;
    if (value === null || (Number.isInteger(value) && value >= min && value <= max)) continue;
    throw problem('badRequest', `${name} is ${value}; ${min} to ${max} can be`);
  }
}
