import { stat } from 'node:fs/promises';
import { readGgufHeader } from '../gguf/readHeader';
import type { PlanConfig, SimulatedUse, SimulateParams } from '../protocol/engine';
import { problem, RequestCancelled } from './failure';
import type { LlamaLibrary } from './llama';
import { checkRanges } from './optionRanges';

/** Files whose results are kept. */
const keptFiles = 8;

/** Runs a job while the library does nothing else that writes to its log. */
export type Exclusive = <T>(job: () => Promise<T>, signal: AbortSignal) => Promise<T>;

interface OpenFile {
  use(config: PlanConfig): Promise<SimulatedUse>;
}

/** Tells what configurations would take. Results are kept by the file's path, size and time of change. */
export class Simulations {
  /** By file, the least recently asked one first. */
  private readonly results = new Map<string, Map<string, SimulatedUse>>();

  constructor(
    private readonly library: LlamaLibrary,
    private readonly exclusive: Exclusive,
  ) {}

  /**
   * Each configuration is a job of its own, so that a load waits for one at most.
   * @throws EngineProblem, also where the header is bad; GgufError; RequestCancelled
   */
  async run({ modelPath, configs }: SimulateParams, signal: AbortSignal): Promise<SimulatedUse[]> {
    for (const config of configs) checkRanges(config);
    const known = await this.resultsOf(modelPath);
    let file: OpenFile | undefined;
    const uses: SimulatedUse[] = [];
    for (const config of configs) {
      const wanted = this.effective(config);
      const key = JSON.stringify(wanted);
      let use = known.get(key);
      if (use === undefined) {
        const ready = (file ??= await this.open(modelPath));
        use = await this.exclusive(() => ready.use(wanted), signal);
        known.set(key, use);
      }
      if (signal.aborted) throw new RequestCancelled();
      uses.push(use);
    }
    return uses;
  }

  /** What a load would make of it. */
  private effective(config: PlanConfig): PlanConfig {
    const { contextSize, kvCacheType, flashAttention, mmap, sequences } = config;
    const gpuLayers = this.library.backend === 'cpu' ? 0 : config.gpuLayers;
    const batchSize = Math.min(config.batchSize, contextSize);
    return { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences };
  }

  private async open(modelPath: string): Promise<OpenFile> {
    // Before the library sees the file: some files hang or abort it.
    const { vocabularySize } = await readGgufHeader(modelPath);
    const simulator = await this.library.simulator(modelPath);
    return {
      use: async (config) => {
        const { weights, context } = await simulator.use(config);
        // llama.cpp's own account leaves the output buffer out: one row of logits a sequence, always in RAM.
        const ramBytes = context.ramBytes + 4 * vocabularySize * config.sequences;
        return { weights, context: { ...context, ramBytes } };
      },
    };
  }

  private async resultsOf(modelPath: string): Promise<Map<string, SimulatedUse>> {
    const file = await identity(modelPath);
    const results = this.results.get(file) ?? new Map<string, SimulatedUse>();
    this.results.delete(file);
    this.results.set(file, results);
    const [oldest] = this.results.keys();
    if (this.results.size > keptFiles && oldest !== undefined) this.results.delete(oldest);
    return results;
  }
}

async function identity(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${path} ${size} ${mtimeMs}`;
  } catch (error) {
    throw problem('modelMissing', error instanceof Error ? error.message : String(error));
  }
}
