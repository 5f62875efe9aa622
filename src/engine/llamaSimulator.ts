import { setTimeout as delay } from 'node:timers/promises';
import { GgmlType, type GgufInsights } from 'node-llama-cpp';
import type { PlanConfig, SimulatedUse } from '../protocol/engine';
import { problem } from './failure';
import { lateMs, type HeldBytes, type LlamaLog } from './llamaLog';
import { kvTypes } from './llamaOptions';

/** llama.cpp's own arithmetic for a file: it goes through a load without allocating anything. */
export class LlamaSimulator {
  constructor(
    private readonly insights: GgufInsights,
    private readonly log: LlamaLog,
  ) {}

  /** Of the weights alone; else as `use`. */
  async weights({ gpuLayers, mmap }: Pick<PlanConfig, 'gpuLayers' | 'mmap'>): Promise<HeldBytes> {
    this.log.forgetProblems();
    const weights = await this.insights.estimateModelResourceRequirementsV2({ gpuLayers, useMmap: mmap });
    await this.checkExact();
    return required(weights);
  }

  /**
   * Meanwhile the library hides all of llama.cpp's lines but errors: nothing else may be loaded at the same time.
   * @throws EngineProblem `loadFailed` where llama.cpp cannot load the file either
   */
  async use(config: PlanConfig): Promise<SimulatedUse> {
    const { gpuLayers, mmap, contextSize, batchSize, sequences, flashAttention } = config;
    const kvType = GgmlType[kvTypes[config.kvCacheType]];
    const weights = await this.weights(config);
    const context = await this.insights.estimateContextResourceRequirementsV2({
      ...{ modelGpuLayers: gpuLayers, useMmap: mmap, contextSize, batchSize, sequences, flashAttention },
      ...{ kvCacheKeyType: kvType, kvCacheValueType: kvType },
    });
    await this.checkExact();
    return { weights, context: required(context) };
  }

  /** Where llama.cpp fails, the library says so in its log alone and answers with a rule of thumb. */
  private async checkExact(): Promise<void> {
    await delay(0);
    const guess = this.log.problems.find((line) => line.includes('Falling back to estimation heuristic'));
    if (guess === undefined) return;
    await delay(lateMs);
    throw problem('loadFailed', this.log.lastProblem ?? guess);
  }
}

function required({ cpuRam, gpuVram }: { cpuRam: number; gpuVram: number }): HeldBytes {
  return { ramBytes: cpuRam, vramBytes: gpuVram };
}
