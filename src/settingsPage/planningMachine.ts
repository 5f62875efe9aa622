import type { EngineSnapshot } from '../engineClient/engine';
import type { Machine } from '../plan/machine';
import { heldBuffers, heldMemory } from '../models/heldMemory';
import { machineOf, type Learned } from '../planner/machine';
import type { Backend, LoadedModel } from '../protocol/engine';
import type { HardwareView } from '../protocol/webview';

/**
 * The machine as a load would find it: what the loaded model holds is given back first. Before the engine has told
 * what it sees, the cards' own tools say what it will most likely see.
 */
export function planningMachine(
  hardware: HardwareView,
  { info, model }: Pick<EngineSnapshot, 'info' | 'model'>,
  learned: Learned,
): Machine {
  const { ramTotalBytes, ramAvailableBytes, physicalCores } = hardware;
  const own = { vramBytes: model ? heldMemory(model).vramBytes : 0, ramBytes: heldRam(model) };
  const ram = {
    totalBytes: ramTotalBytes,
    availableBytes: Math.min(ramTotalBytes, ramAvailableBytes + own.ramBytes),
  };
  const cores = physicalCores ?? 1;
  const seen = info ?? guessed(hardware, cores);
  const machine = machineOf({ ...seen, mathCores: cores }, ram, learned);
  const usedBytes = usedVram(hardware);
  if (!machine.gpu || usedBytes === undefined) return machine;
  // What the engine saw at its start is old by now.
  const freeBytes = Math.max(0, machine.gpu.totalBytes - Math.max(0, usedBytes - own.vramBytes));
  return { ...machine, gpu: { ...machine.gpu, freeBytes } };
}

/** Bytes that an unload gives back. What is mapped from the file counts as available all the while. */
function heldRam(model: LoadedModel | undefined): number {
  return (model ? heldBuffers(model) : [])
    .filter(({ name, onGpu }) => !onGpu && !name.endsWith('_Mapped'))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

function guessed({ gpus }: HardwareView, mathCores: number) {
  const totalBytes = gpus.reduce((sum, gpu) => sum + gpu.totalBytes, 0);
  const name = gpus.map((gpu) => gpu.name).join(' + ');
  const backend: Backend = gpus.length === 0 ? 'cpu' : /nvidia/i.test(name) ? 'cuda' : 'vulkan';
  const devices = gpus.length === 0 ? [] : [{ name, totalBytes, freeBytes: totalBytes }];
  return { backend, devices, mathCores };
}

/** Of all cards; undefined where one does not tell. */
function usedVram({ gpus }: HardwareView): number | undefined {
  if (gpus.length === 0 || gpus.some((gpu) => gpu.usedBytes === undefined)) return undefined;
  return gpus.reduce((sum, gpu) => sum + (gpu.usedBytes ?? 0), 0);
}
