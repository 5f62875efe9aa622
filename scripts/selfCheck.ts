/**
 * Asks a model for a small function, in the engine process of an installed extension, and prints what comes.
 * `scripts/start.mjs` bundles it and runs: selfCheck.mjs ENGINE MODEL
 */
import { startEngine } from '../src/engineClient/startEngine';
import { EngineError } from '../src/errors';
import type { Logger } from '../src/log';
import type { ChatResult, EngineInfo, LoadedModel, LoadOptions } from '../src/protocol/engine';

const question = 'Write an `add(a, b)` function in TypeScript.';
const gib = 1024 ** 3;

/** Warnings are shown; the rest is what the extension writes to its log. */
const logger: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => console.warn(`  ${message}`),
  error: (message) => console.error(`  ${String(message)}`),
};

async function main(enginePath: string, modelPath: string): Promise<void> {
  const engine = await startEngine({ runtimePath: process.execPath, enginePath, backend: 'auto', logger });
  try {
    printEngine(engine.info);
    printModel(await engine.load(loadOptions(modelPath)));
    console.log(`\n  > ${question}\n`);
    const result = await engine.chat(
      {
        kind: 'chat',
        messages: [{ role: 'user', content: question }],
        sampling: { temperature: 0, maxTokens: 300 },
        thinking: { mode: 'off' },
      },
      (progress) => {
        if (progress.kind === 'text') process.stdout.write(progress.text);
      },
    );
    printResult(result);
  } finally {
    await engine.shutdown();
  }
}

function loadOptions(modelPath: string): LoadOptions {
  return {
    modelPath,
    gpuLayers: null,
    contextSize: 2048,
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

function printEngine({
  pid,
  libraryVersion,
  llamaCppRelease,
  nodeVersion,
  backend,
  fallback,
  devices,
}: EngineInfo): void {
  console.log(
    `  Engine: process ${pid}, Node.js ${nodeVersion}, node-llama-cpp ${libraryVersion}, ` +
      `llama.cpp ${llamaCppRelease}, backend ${backend}`,
  );
  if (fallback !== undefined) console.log(`  Not ${fallback.wanted} (${fallback.cause}): ${fallback.detail}`);
  for (const { name, totalBytes } of devices) console.log(`  Device: ${name}, ${gigabytes(totalBytes)}`);
}

function printModel(model: LoadedModel): void {
  const { name, quant, sizeBytes, loadMs, gpuLayers, totalLayers, memory, contextSize, threads } = model;
  console.log(`  Model: ${name}, ${quant}, ${gigabytes(sizeBytes)}, loaded in ${seconds(loadMs)}`);
  console.log(
    `  Layers: ${gpuLayers} of ${totalLayers} on the GPU (${gigabytes(memory.vramBytes)} of VRAM), ` +
      `${totalLayers - gpuLayers} on the CPU (${gigabytes(memory.ramBytes)} of RAM)`,
  );
  console.log(`  Context: ${contextSize} tokens; threads: ${threads}`);
}

function printResult(result: ChatResult): void {
  const { outputTokens, promptTokens, firstTokenMs, tokensPerSecond } = result;
  console.log('\n');
  if (outputTokens === 0 || firstTokenMs === null) throw new Error('The model said nothing.');
  console.log(
    `  ${outputTokens} tokens, ${tokensPerSecond?.toFixed(1) ?? '–'} tok/s, ` +
      `first token after ${seconds(firstTokenMs)} (${promptTokens} tokens of prompt)`,
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / gib).toFixed(2)} GiB`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

const [, , enginePath, modelPath] = process.argv;
if (enginePath === undefined || modelPath === undefined) throw new Error('selfCheck.mjs ENGINE MODEL');
await main(enginePath, modelPath).catch((error: unknown) => {
  console.error(
    `  ${EngineError.is(error) ? `${error.failure.reason}: ${error.failure.detail}` : String(error)}`,
  );
  process.exitCode = 1;
});
