import { expect, it } from 'vitest';
import type { PlanConfig, SimulateParams } from '../../../src/protocol/engine';
import { SupervisorFixture } from './supervisorFixture';

const config: PlanConfig = {
  gpuLayers: 7,
  contextSize: 2048,
  batchSize: 512,
  kvCacheType: 'f16',
  flashAttention: true,
  mmap: true,
  sequences: 1,
};
const params: SimulateParams = { modelPath: '/a.gguf', configs: [config, { ...config, gpuLayers: 8 }] };

it('a simulation starts the process and loads nothing', async () => {
  const fixture = new SupervisorFixture();
  const uses = await fixture.supervisor.simulate(params);
  expect(uses.map(({ weights }) => weights.vramBytes)).toEqual([7, 8]);
  expect(fixture.lastClient().loads).toEqual([]);
  expect(fixture.supervisor.snapshot.state).toEqual({ kind: 'stopped' });
});

it('a simulation leaves a loaded model where it is, also when the backend is set anew', async () => {
  const fixture = new SupervisorFixture();
  const client = await fixture.loaded();
  fixture.backend = 'vulkan';
  await fixture.supervisor.simulate(params);
  expect(fixture.clients).toEqual([client]);
  expect(client.shutdowns).toBe(0);
  expect(fixture.supervisor.snapshot.state).toEqual({ kind: 'ready' });
});

it('a simulation without a loaded model speaks of the backend that is set', async () => {
  const fixture = new SupervisorFixture();
  await fixture.supervisor.simulate(params);
  fixture.backend = 'vulkan';
  await fixture.supervisor.simulate(params);
  expect(fixture.starts.map(({ backend }) => backend)).toEqual(['auto', 'vulkan']);
});
