import { statSync } from 'node:fs';
import { bareHeader } from '../gguf/bareHeader';
import { readGgufHeader } from '../gguf/readHeader';
import type { PlanConfig, SimulatedUse, SimulateParams } from '../protocol/engine';
import { messageOf, problem, RequestCancelled } from './failure';
import { checkCache } from './fit';
import type { OpenedBackend } from './backend';
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
  /** The file asked about last. */
  private opened: { id: string; file: Promise<OpenFile> } | undefined;

  constructor(
    private readonly backend: Pick<OpenedBackend, 'library' | 'largestTensorBytes'>,
    private readonly exclusive: Exclusive,
  ) {}

  /**
   * Each configuration is a job of its own, so that a load waits for one at most.
   * @throws EngineProblem, `doesNotFit` where llama.cpp would abort, also where the header is bad; GgufError; RequestCancelled
   */
  async run({ modelPath, configs }: SimulateParams, signal: AbortSignal): Promise<SimulatedUse[]> {
    for (const config of configs) checkRanges(config);
    const id = identity(modelPath);
    const known = this.resultsOf(id);
    const uses: SimulatedUse[] = [];
    for (const config of configs) {
      const wanted = this.effective(config);
      const key = JSON.stringify(wanted);
      let use = known.get(key);
      if (use === undefined) {
        const file = await this.fileOf(id, modelPath);
        use = await this.exclusive(() => file.use(wanted), signal);
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
    const gpuLayers = this.backend.library.backend === 'cpu' ? 0 : config.gpuLayers;
    const batchSize = Math.min(config.batchSize, contextSize);
    return { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences };
  }

  private async open(modelPath: string): Promise<OpenFile> {
    // Before the library sees the file: some files hang or abort it.
    const header = await readGgufHeader(modelPath);
    const { vocabularySize } = header;
    const { library, largestTensorBytes } = this.backend;
    // With its vocabulary llama.cpp would take a third of a second and 27 MB for each number of layers.
    const simulator = await library.simulator(bareHeader(modelPath, header));
    return {
      use: async (config) => {
        checkCache(header, config, largestTensorBytes);
        const { weights, context } = await simulator.use(config);
        // llama.cpp's own account leaves the output buffer out: one row of logits a sequence, always in RAM.
        const ramBytes = context.ramBytes + 4 * vocabularySize * config.sequences;
        return { weights, context: { ...context, ramBytes } };
      },
    };
  }

  private async fileOf(id: string, modelPath: string): Promise<OpenFile> {
    if (this.opened?.id !== id) this.opened = { id, file: this.open(modelPath) };
    const { opened } = this;
    try {
      return await opened.file;
    } catch (error) {
      if (this.opened === opened) this.opened = undefined;
      throw error;
    }
  }

  private resultsOf(id: string): Map<string, SimulatedUse> {
    const results = this.results.get(id) ?? new Map<string, SimulatedUse>();
    this.results.delete(id);
    this.results.set(id, results);
    const [oldest] = this.results.keys();
    if (this.results.size > keptFiles && oldest !== undefined) this.results.delete(oldest);
    return results;
  }
}

/** The same for the same content, as far as the file system tells. */
function identity(path: string): string {
  try {
    // Synchronously: a thread pool that decodes has no turn for it.
    const { size, mtimeMs } = statSync(path);
    return `${path} ${size} ${mtimeMs}`;
  } catch (error) {
    throw problem('modelMissing', messageOf(error));
  }
}
