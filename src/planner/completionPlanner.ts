import type { Machine } from '../plan/machine';
import { totalBytes } from '../plan/memory';
import type { Plan, PlanRequest } from '../plan/plan';
import type { ModelOptions } from '../protocol/engine';
import type { PlannedFile, Planner } from './planner';
import type { PlanWishes } from './planRequest';

/** Share of the VRAM budget up to which the second model goes on the GPU: the rest serves the chat model better. */
const largestShare = 1 / 4;
/** Tokens: a window of code and some of other files. */
const contextWanted = 4096;
const batchSize = 512;
/** Of a ghost text. */
const typical = { promptTokens: 200, answerTokens: 30 };

export interface CompletionPlannerDeps {
  planner: Pick<Planner, 'estimate' | 'plan'>;
  /** Reads a file's header. Rejects for one that is no good. */
  open: (path: string) => Promise<PlannedFile>;
  /** As the settings name it; '' for none. */
  path: () => string;
}

/** The second, small model that completions are asked of: where it goes, and what it takes of the memory. */
export class CompletionPlanner {
  private file: PlannedFile | undefined;

  constructor(private readonly deps: CompletionPlannerDeps) {}

  /** Reads what the settings name, once as long as it stays the same. One that is no good is left to the load. */
  async refresh(): Promise<void> {
    const path = this.deps.path().trim();
    this.file = path === '' ? undefined : await this.deps.open(path).catch(() => undefined);
  }

  /** What it takes beside a model, by what was simulated so far; undefined where it is that very file, or none. */
  beside(modelPath: string): PlanWishes['completion'] {
    const file = this.fileBeside(modelPath);
    if (file === undefined) return undefined;
    return (machine, budgetBytes) => {
      const { use } = this.chosen(machine, (gpuLayers) =>
        this.deps.planner.estimate(file, alone(machine), this.wishes(file, machine, budgetBytes, gpuLayers)),
      );
      return { vramBytes: totalBytes(use.vram), ramBytes: totalBytes(use.ram) };
    };
  }

  /** How to load it beside a model, by llama.cpp's own arithmetic. Rejects as `plan` does. */
  async plan(
    modelPath: string,
    machine: Machine,
    budgetBytes: number | undefined,
    signal: AbortSignal,
  ): Promise<ModelOptions | undefined> {
    const file = this.fileBeside(modelPath);
    if (file === undefined) return undefined;
    const planFor = async (gpuLayers: number) =>
      await this.deps.planner.plan(
        file,
        alone(machine),
        this.wishes(file, machine, budgetBytes, gpuLayers),
        signal,
      );
    const whole = machine.gpu === undefined ? undefined : await planFor(file.header.totalLayers);
    return loadOptions(file, whole?.verdict === 'doesNotFit' || !whole ? await planFor(0) : whole);
  }

  private chosen(machine: Machine, planFor: (gpuLayers: number) => Plan): Plan {
    const whole =
      machine.gpu === undefined || this.file === undefined
        ? undefined
        : planFor(this.file.header.totalLayers);
    return whole === undefined || whole.verdict === 'doesNotFit' ? planFor(0) : whole;
  }

  private fileBeside(modelPath: string): PlannedFile | undefined {
    const { file } = this;
    return file?.header.fim === undefined || file.path === modelPath ? undefined : file;
  }

  private wishes(
    { header }: PlannedFile,
    machine: Machine,
    budgetBytes: number | undefined,
    gpuLayers: number,
  ): PlanWishes {
    const free = machine.gpu?.freeBytes ?? 0;
    const pins: PlanRequest['pins'] = {
      ...{ gpuLayers, contextSize: Math.min(contextWanted, header.trainContext), batchSize },
      ...{ kvCacheType: 'f16', flashAttention: true, mmap: true, sequences: 1 },
    };
    return { vramBudgetBytes: Math.min(budgetBytes ?? free, free) * largestShare, pins, typical };
  }
}

/** What the driver takes is counted once, with the model. */
function alone(machine: Machine): Machine {
  return { ...machine, residual: { ...machine.residual, bytes: 0 } };
}

function loadOptions({ path }: PlannedFile, { config, threads, prefillThreads }: Plan): ModelOptions {
  const { flashAttention, ...decided } = config;
  return {
    ...{ modelPath: path, mlock: false, threads, prefillThreads, ...decided },
    flashAttention: flashAttention ? 'auto' : 'off',
  };
}
