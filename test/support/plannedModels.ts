import { stat } from 'node:fs/promises';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { assumedRates } from '../../src/plan/assumedRates';
import type { Machine } from '../../src/plan/machine';
import type { Plan } from '../../src/plan/plan';
import { machineOf } from '../../src/planner/machine';
import type { PlannedFile } from '../../src/planner/planner';
import type { PlanWishes } from '../../src/planner/planRequest';
import type { EngineInfo } from '../../src/protocol/engine';
import type { TestEngine } from './engineHarness';

const gib = 2 ** 30;

/** From what hardly holds a layer to all that the software device has. Bytes. */
export const vramBudgets = [0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2].map(
  (size) => size * gib,
);

/** A context and a batch that leave room for layers in a small device. */
export const budgetWishes: PlanWishes = {
  pins: { contextSize: 4096, batchSize: 512 },
  typical: { promptTokens: 3000, answerTokens: 400 },
};

export async function plannedFile(path: string): Promise<PlannedFile> {
  const { size, mtimeMs } = await stat(path);
  return { path, header: await readGgufHeader(path), identity: `${path} ${size} ${mtimeMs}` };
}

/** The software device's memory, at the speed of a card: at its own it would be left unused. RAM for any model. */
export function quickDevice(info: EngineInfo): Machine {
  const ram = { totalBytes: 64 * gib, availableBytes: 60 * gib };
  const rates = assumedRates({ backend: 'vulkan', gpuName: 'RTX 3060', physicalCores: 6 });
  return { ...machineOf(info, ram), rates };
}

/** VRAM of all buffers that llama.cpp allocates for a plan, bytes. The model stays loaded. */
export async function allocatedVram(
  engine: TestEngine,
  file: PlannedFile,
  { config }: Plan,
): Promise<number> {
  const { flashAttention, ...decided } = config;
  const { buffers } = await engine.load(file.path, {
    ...decided,
    flashAttention: flashAttention ? 'on' : 'off',
  });
  return buffers.filter(({ onGpu }) => onGpu).reduce((sum, { bytes }) => sum + bytes, 0);
}
