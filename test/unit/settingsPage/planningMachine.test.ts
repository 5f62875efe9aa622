import { expect, it } from 'vitest';
import type { HardwareView } from '../../../src/protocol/webview';
import { planningMachine } from '../../../src/settingsPage/planningMachine';
import { loadedModel } from '../../support/loadedModel';

const GiB = 2 ** 30;
const hardware: HardwareView = {
  gpus: [{ name: 'NVIDIA card', totalBytes: 12 * GiB, usedBytes: 11 * GiB, source: 'nvidia-smi' }],
  ramTotalBytes: 64 * GiB,
  ramAvailableBytes: 50 * GiB,
  physicalCores: 8,
};

it('gives back what the loaded model holds, but not what is mapped and thus available already', () => {
  const model = loadedModel({
    memory: { vramBytes: 9 * GiB, ramBytes: 31 * GiB },
    buffers: [
      { name: 'CUDA0', kind: 'model', bytes: 9 * GiB, onGpu: true },
      { name: 'CPU_Mapped', kind: 'model', bytes: 29 * GiB, onGpu: false },
      { name: 'CPU', kind: 'KV', bytes: 2 * GiB, onGpu: false },
    ],
  });
  const { path, name, totalLayers, gpuLayers, contextSize, loadMs } = model;
  const second = { path, name, totalLayers, gpuLayers, contextSize, loadMs, fim: true };
  const completion = {
    ...{ ...second, memory: { vramBytes: GiB, ramBytes: GiB } },
    buffers: [{ name: 'CPU', kind: 'KV' as const, bytes: GiB, onGpu: false }],
  };
  const both = planningMachine(hardware, { info: undefined, model: { ...model, completion } }, {});
  expect(both.ram.availableBytes).toBe(53 * GiB);
  expect(both.gpu?.freeBytes).toBe(11 * GiB);
  const { gpu, ram } = planningMachine(hardware, { info: undefined, model }, {});
  expect(ram).toEqual({ totalBytes: 64 * GiB, availableBytes: 52 * GiB });
  expect(gpu).toMatchObject({ totalBytes: 12 * GiB, freeBytes: 10 * GiB });
});
