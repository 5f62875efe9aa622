import { join } from 'node:path';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import { defaultAnswer } from '../support/defaultScripts';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';
import { startWithSoftwareVulkan } from '../support/softwareVulkan';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let modelPath: string;
const visible = process.env['GGML_VK_VISIBLE_DEVICES'];

beforeAll(async () => {
  folder = await temporaryFolder();
  modelPath = join(folder.path, 'scripted.gguf');
  await writeScriptedModel(modelPath);
});

afterEach(() => {
  if (visible === undefined) delete process.env['GGML_VK_VISIBLE_DEVICES'];
  else process.env['GGML_VK_VISIBLE_DEVICES'] = visible;
});

afterAll(() => folder.remove());

describe('layers on a device', () => {
  it(
    'give the same text, whether none, some or all are there',
    async (ctx) => {
      const engine = await startWithSoftwareVulkan(ctx);
      try {
        const { devices } = engine.client.info;
        expect(devices[0]?.name).toContain('llvmpipe');
        expect(devices[0]?.totalBytes).toBeGreaterThan(1024 ** 3);
        let before = -1;
        for (const gpuLayers of [0, 1, 2, 3]) {
          const model = await engine.load(modelPath, { gpuLayers });
          expect(model.gpuLayers).toBe(gpuLayers);
          // Each layer takes memory of the device's. The compute buffer may be there without any.
          expect(model.memory.vramBytes).toBeGreaterThan(before);
          before = model.memory.vramBytes;
          const { streamed, result } = await engine.ask('Tell me how to add');
          expect(streamed).toBe(defaultAnswer);
          expect(result.stopReason).toBe('end');
          const memory = await engine.client.memory();
          expect(memory.devices[0]?.usedBytes).toBeGreaterThanOrEqual(model.memory.vramBytes);
        }
        const all = await engine.load(modelPath, { gpuLayers: null });
        expect(all.gpuLayers).toBe(3);
      } finally {
        await engine.client.shutdown();
      }
    },
    // The driver compiles its shaders in the first run.
    240_000,
  );
});

describe('a backend that is not there', () => {
  it('is replaced by another one, which is said with its reason', async () => {
    process.env['GGML_VK_VISIBLE_DEVICES'] = '';
    const engine = await TestEngine.start('metal');
    try {
      const { fallback, backend } = engine.client.info;
      expect(backend).not.toBe('metal');
      expect(fallback).toMatchObject({ wanted: 'metal', cause: 'unavailable' });
      expect(fallback?.detail).not.toBe('');
      await engine.load(modelPath);
      expect((await engine.ask('Tell me how to add')).streamed).toBe(defaultAnswer);
    } finally {
      await engine.client.shutdown();
    }
  });
});
