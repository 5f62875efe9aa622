import { TestEngine } from '../test/support/engineHarness';

/** A word of it is a token of the scripted models' own or a few single characters: about four thousand tokens. */
export const longPrompt = 'The engine reads. '.repeat(230);
const snapshotBytes = 8 * 1024 ** 3;

/** Runs with an engine of its own. */
export async function withEngine<T>(
  run: (engine: TestEngine) => Promise<T>,
  snapshotFolder?: string,
): Promise<T> {
  const engine = await TestEngine.start('cpu', snapshotFolder === undefined ? {} : { snapshotFolder });
  try {
    if (snapshotFolder !== undefined) engine.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes });
    return await run(engine);
  } finally {
    await engine.client.shutdown();
  }
}
