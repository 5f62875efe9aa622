import { existsSync, readdirSync } from 'node:fs';
import { afterAll, type TestContext } from 'vitest';
import { TestEngine } from './engineHarness';

const drivers = '/usr/share/vulkan/icd.d';
const softwareDriver = existsSync(drivers)
  ? readdirSync(drivers).find((name) => /^lvp_icd.*\.json$/.test(name))
  : undefined;

/** An engine on the software Vulkan device; where there is none the test is skipped, and says why. */
export async function startWithSoftwareVulkan(ctx: TestContext): Promise<TestEngine> {
  if (softwareDriver === undefined) return ctx.skip(`no software Vulkan driver in ${drivers}`);
  // llama.cpp leaves processors out unless they are named.
  process.env['GGML_VK_VISIBLE_DEVICES'] = '0';
  const engine = await TestEngine.start('vulkan');
  if (engine.client.info.backend === 'vulkan') return engine;
  const { fallback } = engine.client.info;
  await engine.client.shutdown();
  return ctx.skip(`Vulkan does not start here: ${fallback?.detail ?? 'no reason given'}`);
}

/** The same for all tests of a file: the first that asks starts it, and it ends after the last. */
export function sharedSoftwareVulkan(): (ctx: TestContext) => Promise<TestEngine> {
  let engine: TestEngine | undefined;
  afterAll(() => engine?.client.shutdown());
  return async (ctx) => (engine ??= await startWithSoftwareVulkan(ctx));
}
