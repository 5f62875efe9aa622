import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { surroundings } from '../../../src/engineClient/privateFolder';
import { SharedEngines } from '../../../src/engineClient/sharedEngines';
import { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { EngineError } from '../../../src/errors';
import type { BackendChoice, ChatProgress } from '../../../src/protocol/engine';
import { KeepingLogger } from './keepingLogger';
import { optionsFor, requestFor } from './samples';

const never = new AbortController().signal;
let backend: BackendChoice;
let supervisor: EngineSupervisor;

let temp: string;

beforeEach(async () => {
  backend = 'cpu';
  temp = await mkdtemp(join(tmpdir(), 'lct-'));
  supervisor = new EngineSupervisor({
    enginePath: fileURLToPath(new URL('fakeEngine.mjs', import.meta.url)),
    backend: () => backend,
    findRuntime: () =>
      Promise.resolve({
        path: process.execPath,
        kind: 'node',
        version: process.versions.node,
        source: 'path',
      }),
    logger: new KeepingLogger(),
    engines: new SharedEngines((logger) => ({ ...surroundings(logger), env: {}, tmpdir: temp })),
  });
});
afterEach(async () => {
  supervisor.dispose();
  // The engine's end may be written down at the same moment.
  await rm(temp, { recursive: true, force: true, maxRetries: 5 });
});

function pid(): number {
  const { info } = supervisor.snapshot;
  if (info === undefined) throw new Error('No process runs');
  return info.pid;
}

function isRunning(process: number): boolean {
  try {
    globalThis.process.kill(process, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks; calls back with each piece; returns the failure's detail and what came. */
async function crashingChat(prompt: string, onText: () => void): Promise<{ detail: string; text: string }> {
  let text = '';
  const listener = (progress: ChatProgress) => {
    if (progress.kind === 'text') text += progress.text;
    onText();
  };
  try {
    await supervisor.chat(requestFor(prompt), listener, never);
  } catch (error) {
    if (EngineError.is(error, 'crashed')) return { detail: error.failure.detail, text };
    throw error;
  }
  throw new Error('The engine did not crash');
}

describe('a real engine process', () => {
  it('that is killed in mid-answer fails it with the signal, and the next prompt works in a new one', async () => {
    await supervisor.load(optionsFor('/m.gguf'));
    const first = pid();
    const crash = await crashingChat('go on for ever', () => process.kill(first, 'SIGKILL'));
    expect(crash).toEqual({ detail: 'SIGKILL', text: 'Once upon ' });
    expect(supervisor.snapshot).toMatchObject({
      state: { kind: 'failed' },
      info: undefined,
      model: undefined,
    });

    const result = await supervisor.chat(requestFor('again'), () => undefined, never);
    expect(result.text).toBe('Once upon a time');
    expect(pid()).not.toBe(first);
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'ready' }, model: { path: '/m.gguf' } });
  });

  it('that aborts is named with its assertion', async () => {
    await supervisor.load(optionsFor('/m.gguf'));
    const { detail } = await crashingChat('abort', () => undefined);
    expect(detail).toMatch(/^(SIGABRT|exit code \w+): \/llama\.cpp\/ggml\.c:1: GGML_ASSERT\(false\) failed$/);
  });

  it('that cannot start says why', async () => {
    backend = 'metal';
    await expect(supervisor.load(optionsFor('/m.gguf'))).rejects.toMatchObject({
      failure: { reason: 'crashed', detail: 'exit code 3: ggml_metal_init: error: no device found' },
    });
    expect(supervisor.snapshot.state.kind).toBe('failed');
  });

  it('ends with unload and with dispose', async () => {
    await supervisor.load(optionsFor('/m.gguf'));
    const first = pid();
    await supervisor.unload();
    expect(isRunning(first)).toBe(false);
    expect(await supervisor.memory()).toEqual({ rssBytes: 0, devices: [] });

    await supervisor.load(optionsFor('/m.gguf'));
    const second = pid();
    expect((await supervisor.memory()).rssBytes).toBeGreaterThan(1_000_000);
    supervisor.dispose();
    for (let tries = 0; isRunning(second) && tries < 100; tries++) await delay(20);
    expect(isRunning(second)).toBe(false);
  });
});
