import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessExit } from '../../src/engineClient/crashCause';
import { spawnEngine } from '../../src/engineClient/engineProcess';
import type { EngineSupervisor } from '../../src/engineClient/supervisor';
import { shortAnswer } from '../support/defaultScripts';
import { collectingLogger, enginePath, TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';
import { sharedLoad, sharedWindow } from '../support/sharedWindow';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let scripted: ScriptedModelInfo;

beforeAll(async () => {
  folder = await temporaryFolder();
  scripted = await writeScriptedModel(join(folder.path, 'scripted.gguf'));
});
afterAll(() => folder.remove());

const never = new AbortController().signal;
/** Fractions of a minute. */
const seconds = (count: number) => count / 60;
const longQuestion = `${'Much is to be read here. '.repeat(40)} Say it briefly`;

// Those wait most of their time: they wait together, each with an engine of its own.
describe.concurrent('an engine that hangs', () => {
  it('is told of after 30 s, and told to be back once it is; the answer comes whole', async () => {
    const engine = await TestEngine.start();
    await engine.load(scripted.path);
    const told: boolean[] = [];
    engine.client.onSilence((isSilent) => told.push(isSilent));
    const { pid } = engine.client.info;
    process.kill(pid, 'SIGSTOP');
    const stopped = performance.now();
    const answer = engine.ask('Say it briefly');
    await expect.poll(() => told, { timeout: 60_000, interval: 100 }).toEqual([true]);
    expect(performance.now() - stopped).toBeGreaterThan(29_000);
    process.kill(pid, 'SIGCONT');
    expect((await answer).streamed).toBe(shortAnswer);
    expect(told).toEqual([true, false]);
    await engine.client.shutdown();
  });
});

describe.concurrent('an engine that nobody asks anything', () => {
  it('saves the conversations, says farewell and ends without a fault; the next one goes on from there', async () => {
    const snapshotFolder = join(folder.path, 'states');
    const exits: ProcessExit[] = [];
    const engine = await TestEngine.start('cpu', {
      snapshotFolder,
      spawn: (options) => {
        const child = spawnEngine(options);
        child.onExit((exit) => exits.push(exit));
        return child;
      },
    });
    const { loadMs } = await engine.load(scripted.path);
    const { result } = await engine.ask(longQuestion, { conversation: 'a' });
    engine.client.setPolicy({ idleUnloadMinutes: seconds(1), snapshotBytes: 1e9 });
    expect(await engine.client.ended).toBeUndefined();
    expect(engine.client.farewell).toEqual({ reason: 'idle', idleMinutes: seconds(1), loadMs });
    await expect.poll(() => exits, { timeout: 5_000 }).toEqual([{ code: 0, signal: null }]);

    const next = await TestEngine.start('cpu', { snapshotFolder });
    next.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes: 1e9 });
    await next.load(scripted.path);
    const again = await next.ask(longQuestion, { conversation: 'a' });
    expect(again.result.reusedTokens).toBe(result.promptTokens - 1);
    await next.client.shutdown();
  });

  it('also ends without a model', async () => {
    const engine = await TestEngine.start();
    engine.client.setPolicy({ idleUnloadMinutes: seconds(0.3), snapshotBytes: 0 });
    expect(await engine.client.ended).toBeUndefined();
    expect(engine.client.farewell).toMatchObject({ reason: 'idle', loadMs: null });
  });

  it('stays while something is asked, if only for tokens; being asked for its memory is no use', async () => {
    const engine = await TestEngine.start();
    await engine.load(scripted.path);
    engine.client.setPolicy({ idleUnloadMinutes: seconds(1.5), snapshotBytes: 0 });
    for (let second = 0; second < 8; second++) {
      await engine.client.countTokens(['typed']);
      await delay(500);
    }
    expect(engine.client.farewell).toBeUndefined();
    const asking = setInterval(() => void engine.client.memory().catch(() => undefined), 200);
    expect(await engine.client.ended).toBeUndefined();
    clearInterval(asking);
    expect(engine.client.farewell?.reason).toBe('idle');
  });

  it('stays where the policy says never', async () => {
    const engine = await TestEngine.start();
    engine.client.setPolicy({ idleUnloadMinutes: seconds(0.5), snapshotBytes: 0 });
    engine.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes: 0 });
    await delay(1_500);
    expect(engine.client.farewell).toBeUndefined();
    await engine.client.shutdown();
  });
});

describe.concurrent('two windows', () => {
  it('show that their engine ended, and the next message loads again and goes on from the saved state', async () => {
    const meeting = join(folder.path, 'meeting');
    await mkdir(meeting);
    const parts = { enginePath, folder: meeting, snapshotFolder: join(meeting, 'states') };
    const open = () => sharedWindow({ ...parts, logger: collectingLogger([]) });
    const [one, two] = [open(), open()];
    const ask = (window: EngineSupervisor) =>
      window.chat(
        {
          kind: 'chat',
          conversation: 'a',
          messages: [{ role: 'user', content: longQuestion }],
          sampling: { temperature: 0 },
          thinking: { mode: 'on' },
        },
        () => undefined,
        never,
      );
    try {
      const policy = { idleUnloadMinutes: seconds(1), snapshotBytes: 1e9 };
      one.setPolicy(policy);
      two.setPolicy(policy);
      const { loadMs } = await one.load({ ...sharedLoad, modelPath: scripted.path });
      await two.follow();
      const first = await ask(one);
      const pid = one.snapshot.info?.pid;
      await expect.poll(() => two.snapshot.idleEnd, { timeout: 10_000 }).toBeDefined();
      for (const { snapshot } of [one, two]) {
        expect(snapshot).toMatchObject({
          ...{ state: { kind: 'stopped' }, model: undefined },
          idleEnd: { minutes: seconds(1), loadMs },
        });
      }
      // In the window that has not loaded it.
      const again = await ask(two);
      expect([again.text, again.reusedTokens]).toEqual([shortAnswer, first.promptTokens - 1]);
      expect(two.snapshot.info?.pid).not.toBe(pid);
    } finally {
      await two.unload();
      for (const window of [one, two]) window.dispose();
    }
  });
});

describe.concurrent('a folder for saved states', () => {
  it('that is none does not hinder a load or an answer', async () => {
    const snapshotFolder = join(folder.path, 'not-a-folder');
    await writeFile(snapshotFolder, 'Somebody’s file.');
    const engine = await TestEngine.start('cpu', { snapshotFolder });
    engine.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes: 1e9 });
    await engine.load(scripted.path, { sequences: 1 });
    let ghost: ReturnType<TestEngine['ask']> | undefined;
    const paused = await engine.ask(
      longQuestion,
      { conversation: 'a' },
      {
        onProgress: ({ kind }) => {
          if (kind === 'text') ghost ??= engine.ask('Say it briefly', { kind: 'ghost' });
        },
      },
    );
    // Its state could not be parked: its tokens were read again.
    expect([paused.streamed, (await ghost)?.streamed]).toEqual([shortAnswer, shortAnswer]);
    await engine.ask(`Another one. ${longQuestion}`, { conversation: 'b' });
    expect(engine.lines.some((line) => line.includes('Saved states cannot be used'))).toBe(true);
    await engine.client.shutdown();
  });

  it('that holds what is not ours is used all the same', async () => {
    const snapshotFolder = join(folder.path, 'foreign');
    const first = await TestEngine.start('cpu', { snapshotFolder });
    first.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes: 1e9 });
    await first.load(scripted.path);
    await first.ask(longQuestion, { conversation: 'a' });
    await first.client.shutdown();
    const [model = ''] = await readdir(snapshotFolder);
    await writeFile(join(snapshotFolder, 'a-file.txt'), 'x');
    await writeFile(join(snapshotFolder, model, 'broken.json'), '{');
    await writeFile(join(snapshotFolder, model, 'alone.state'), 'x');

    const second = await TestEngine.start('cpu', { snapshotFolder });
    second.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes: 1e9 });
    await second.load(scripted.path);
    const { result } = await second.ask(longQuestion, { conversation: 'a' });
    expect(result.reusedTokens).toBe(result.promptTokens - 1);
    await second.client.shutdown();
  });
});

describe('a request under way', () => {
  it('has the state told at least every 2 s, where nothing changes too; nothing is told without one', async () => {
    const engine = await TestEngine.start();
    const heard: number[] = [];
    engine.client.onState(() => heard.push(performance.now()));
    const began = performance.now();
    // One alone may be done in 2 s.
    await Promise.all([engine.client.calibrate(), engine.client.calibrate()]);
    const ended = performance.now();
    const gaps = [began, ...heard, ended].map((at, index, all) => at - (all[index - 1] ?? at));
    expect(Math.max(...gaps)).toBeLessThan(2_500);
    expect(ended - began).toBeGreaterThan(2_500);
    heard.length = 0;
    await delay(3_000);
    expect(heard).toEqual([]);
    await engine.client.shutdown();
  });
});
