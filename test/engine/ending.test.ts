import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessExit } from '../../src/engineClient/crashCause';
import { spawnEngine } from '../../src/engineClient/engineProcess';
import { isRunning } from '../../src/engineClient/joinedProcess';
import type { EngineSupervisor } from '../../src/engineClient/supervisor';
import { shortAnswer } from '../support/defaultScripts';
import { collectingLogger, TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';
import { sharedLoad, sharedWindow } from '../support/sharedWindow';

/** Writes a state for 8 s: longer than any silence is borne. */
const enginePath = resolve('test/support/slowSaves.mjs');
const policy = { idleUnloadMinutes: 0, snapshotBytes: 1e9 };
const question = `${'Much is to be read here. '.repeat(40)} Say it briefly`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let scripted: ScriptedModelInfo;
beforeAll(async () => {
  folder = await temporaryFolder();
  scripted = await writeScriptedModel(join(folder.path, 'scripted.gguf'));
});
afterAll(() => folder.remove());

/** With a conversation that is not on disk yet. */
async function talkingEngine(snapshotFolder: string) {
  const exits: ProcessExit[] = [];
  const engine = await TestEngine.start('cpu', {
    ...{ enginePath, snapshotFolder },
    spawn: (options) => {
      const child = spawnEngine(options);
      child.onExit((exit) => exits.push(exit));
      return child;
    },
  });
  engine.client.setPolicy(policy);
  await engine.load(scripted.path);
  const { result } = await engine.ask(question, { conversation: 'a' });
  return { engine, exits, result };
}

const filesOf = async (path: string, ending: string) =>
  (await readdir(path, { recursive: true })).filter((name) => name.endsWith(ending));

describe('an engine that ends', () => {
  it('is left alone while it writes a conversation, and the next one goes on from there', async () => {
    const snapshotFolder = join(folder.path, 'slow');
    const { engine, exits, result } = await talkingEngine(snapshotFolder);
    const began = performance.now();
    await engine.client.shutdown();
    expect(performance.now() - began).toBeGreaterThan(8_000);
    expect(exits).toEqual([{ code: 0, signal: null }]);
    expect(engine.lines.some((line) => line.includes('MB of conversations were written'))).toBe(true);

    const next = await TestEngine.start('cpu', { snapshotFolder });
    await next.load(scripted.path);
    const again = await next.ask(question, { conversation: 'a' });
    expect(again.result.reusedTokens).toBe(result.promptTokens - 1);
    await next.client.shutdown();
  });

  it('is killed where it hangs in that', async () => {
    const snapshotFolder = join(folder.path, 'hanging');
    const { engine, exits } = await talkingEngine(snapshotFolder);
    const gone = engine.client.shutdown();
    await expect.poll(() => filesOf(snapshotFolder, '.part'), { timeout: 5_000 }).toHaveLength(1);
    process.kill(engine.client.info.pid, 'SIGSTOP');
    const stopped = performance.now();
    await gone;
    expect(performance.now() - stopped).toBeLessThan(8_000);
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL' }]);
    // Nothing that is half written is taken for a state.
    expect(await filesOf(snapshotFolder, '.state')).toEqual([]);
  });

  it('is waited for by another window that loads meanwhile', async () => {
    const meeting = join(folder.path, 'meeting');
    await mkdir(meeting);
    const parts = { enginePath, folder: meeting, snapshotFolder: join(meeting, 'states') };
    const open = () => sharedWindow({ ...parts, logger: collectingLogger([]) });
    const [one, two] = [open(), open()];
    const ask = (window: EngineSupervisor) =>
      window.chat(
        {
          ...{ kind: 'chat', conversation: 'a', messages: [{ role: 'user', content: question }] },
          ...{ sampling: { temperature: 0 }, thinking: { mode: 'on' } },
        },
        () => undefined,
        new AbortController().signal,
      );
    try {
      one.setPolicy(policy);
      two.setPolicy(policy);
      const options = { ...sharedLoad, modelPath: scripted.path };
      await one.load(options);
      const first = await ask(one);
      const pid = one.snapshot.info?.pid ?? 0;
      const unloaded = one.unload();
      await expect.poll(() => filesOf(parts.snapshotFolder, '.part'), { timeout: 5_000 }).toHaveLength(1);
      await two.load(options);
      expect([isRunning(pid), two.snapshot.info?.pid === pid]).toEqual([false, false]);
      const again = await ask(two);
      expect([again.text, again.reusedTokens]).toEqual([shortAnswer, first.promptTokens - 1]);
      await unloaded;
    } finally {
      await two.unload();
      for (const window of [one, two]) window.dispose();
    }
  });
});
