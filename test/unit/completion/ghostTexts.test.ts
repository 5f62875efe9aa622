import { describe, expect, it } from 'vitest';
import {
  GhostTexts,
  type AskedCaret,
  type GhostSettings,
  type TooSlow,
} from '../../../src/completion/ghostTexts';
import { EngineError } from '../../../src/errors';
import { cancelledCompletion } from '../../../src/protocol/cancelledCompletion';
import type { CompleteRequest, CompleteResult, LoadedModel } from '../../../src/protocol/engine';
import { loadedModel } from '../../support/loadedModel';

const never = new AbortController().signal;
const caret = (before: string, after = '\n}\n'): AskedCaret => {
  return { uri: 'file:///src/a.ts', path: 'src/a.ts', repository: 'shop', before, after };
};

interface Asked {
  request: CompleteRequest;
  signal: AbortSignal;
}

/** Ghost texts over an engine whose answers the test gives. */
function stand(
  answer: (asked: Asked) => Partial<CompleteResult> | Promise<Partial<CompleteResult>>,
  {
    model = loadedModel({ fim: true }),
    settings = {},
  }: { model?: LoadedModel; settings?: Partial<GhostSettings> } = {},
) {
  const asked: Asked[] = [];
  const waits: number[] = [];
  const tooSlow: TooSlow[] = [];
  const others: number[] = [];
  const texts = new GhostTexts({
    engine: {
      snapshot: { state: { kind: 'ready' }, info: undefined, runtime: undefined, model },
      complete: async (request, signal) => {
        asked.push({ request, signal });
        const given = await answer({ request, signal });
        return { ...cancelledCompletion, stopReason: 'end', ...given };
      },
    },
    settings: () => ({ enabled: true, longestWait: 3, maxTokens: 160, ...settings }),
    otherFiles: (_caret, _near, characters) => {
      others.push(characters);
      return Promise.resolve([{ path: 'src/b.ts', text: 'other' }]);
    },
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    onTooSlow: (found) => tooSlow.push(found),
  });
  return { texts, asked, waits, tooSlow, others };
}

describe('GhostTexts', () => {
  it('asks with what is around the caret, for one line', async () => {
    const { texts, asked } = stand(() => ({ text: 'a + b;' }));
    expect(await texts.suggest(caret('return '), false, never)).toBe('a + b;');
    expect(asked.map(({ request }) => request)).toEqual([
      {
        ...{ prefix: 'return ', suffix: '\n}\n', path: 'src/a.ts', repository: 'shop' },
        ...{ files: [{ path: 'src/b.ts', text: 'other' }], maxTokens: 64, maxLines: 1 },
      },
    ]);
  });

  it('asks for a block where one is open', async () => {
    const { texts, asked } = stand(() => ({ text: 'return a + b;' }), { settings: { maxTokens: 99 } });
    await texts.suggest(caret('function add(a, b) {\n  '), false, never);
    expect(asked[0]?.request).toMatchObject({ maxTokens: 99, maxLines: 12 });
  });

  it('never asks again for what is typed through', async () => {
    const { texts, asked, waits } = stand(() => ({ text: 'first + second;' }));
    await texts.suggest(caret('return '), false, never);
    for (const typed of ['f', 'fi', 'first +']) {
      const rest = await texts.suggest(caret(`return ${typed}`), false, never);
      expect(typed + String(rest)).toBe('first + second;');
    }
    expect(asked).toHaveLength(1);
    expect(waits).toHaveLength(1);
  });

  it('asks nothing where typing goes on before the wait is over, and aborts what is asked', async () => {
    const typing = new AbortController();
    const stopped = stand(() => ({ text: 'a' }));
    typing.abort();
    expect(await stopped.texts.suggest(caret('return '), false, typing.signal)).toBeUndefined();
    expect(stopped.asked).toEqual([]);

    const later = new AbortController();
    const running = stand(async ({ signal }) => {
      later.abort();
      await Promise.resolve();
      return signal.aborted ? { stopReason: 'cancelled', text: 'a' } : { text: 'a' };
    });
    expect(await running.texts.suggest(caret('return '), false, later.signal)).toBeUndefined();
    expect(running.asked[0]?.signal.aborted).toBe(true);
  });

  it('asks the second model where there is one, and nothing where none can fill in', async () => {
    const none = stand(() => ({ text: 'a' }), { model: loadedModel() });
    expect(await none.texts.suggest(caret('return '), true, never)).toBeUndefined();
    expect(none.asked).toEqual([]);
    const { path, name, totalLayers, gpuLayers, memory, buffers, loadMs } = loadedModel();
    const completion = {
      path,
      name,
      totalLayers,
      gpuLayers,
      memory,
      buffers,
      loadMs,
      fim: true,
      contextSize: 64,
    };
    const second = stand(() => ({ text: 'a' }), { model: loadedModel({ completion }) });
    expect(await second.texts.suggest(caret(`return ${'x'.repeat(900)} `), true, never)).toBe('a');
    // By its own context.
    expect(second.asked[0]?.request.prefix.length).toBeLessThan(300);
  });

  it('is off by itself where the model is too slow, says so once, and comes on request', async () => {
    const { texts, asked, tooSlow, waits } = stand(() => ({
      ...{ text: 'a', readTokens: 100, prefillMs: 5_000, outputTokens: 10, decodeMs: 5_000 },
    }));
    await texts.suggest(caret('one '), false, never);
    expect(texts.isTooSlow).toBe(true);
    expect(await texts.suggest(caret('two '), false, never)).toBeUndefined();
    expect(await texts.suggest(caret('three '), false, never)).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(tooSlow).toHaveLength(1);
    expect(tooSlow[0]).toMatchObject({ modelPath: loadedModel().path, longestWait: 3 });
    expect(tooSlow[0]?.seconds).toBeGreaterThan(9);
    expect(await texts.suggest(caret('four '), true, never)).toBe('a');
    expect(waits).toHaveLength(1);
  });

  it('gives up what takes longer than a person waits, and is off after the third time that had its turn', async () => {
    let [promptTokens, reusedTokens] = [0, 0];
    const untilAborted = ({ signal }: Asked) =>
      new Promise<Partial<CompleteResult>>((resolve) => {
        signal.addEventListener('abort', () =>
          resolve({ stopReason: 'cancelled', promptTokens, reusedTokens }),
        );
      });
    const { texts, tooSlow } = stand(untilAborted, { settings: { longestWait: 0.02 } });
    for (const before of ['busy ', 'still busy ', 'busy too ', 'and now ']) {
      expect(await texts.suggest(caret(before), false, never)).toBeUndefined();
    }
    // None of them had its turn.
    expect(texts.isTooSlow).toBe(false);
    [promptTokens, reusedTokens] = [40, 39];
    for (const before of ['one ', 'two ', 'three ']) {
      expect(texts.isTooSlow).toBe(false);
      expect(await texts.suggest(caret(before), false, never)).toBeUndefined();
    }
    expect(texts.isTooSlow).toBe(true);
    expect(tooSlow).toMatchObject([{ seconds: undefined, longestWait: 0.02 }]);
  });

  it('asks only on request where it is switched off', async () => {
    const { texts, asked } = stand(() => ({ text: 'a' }), { settings: { enabled: false } });
    expect(await texts.suggest(caret('return '), false, never)).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await texts.suggest(caret('return '), true, never)).toBe('a');
  });

  it('asks with less where a prompt was too long for the context', async () => {
    const long = 'x = 1;\n'.repeat(300);
    const { texts, asked } = stand(({ request }) => {
      const needed = request.prefix.length + request.suffix.length;
      if (needed < 500) return { text: 'a', promptTokens: needed };
      throw new EngineError({ reason: 'promptTooLong', detail: '', tokens: { needed, available: 500 } });
    });
    expect(await texts.suggest(caret(long), false, never)).toBe('a');
    expect(asked).toHaveLength(2);
  });

  it('chooses other files anew only where the window has moved: else all would be read again', async () => {
    const { texts, others } = stand(() => ({ text: 'zzz' }));
    const long = 'x = 1;\n'.repeat(600);
    for (let typed = 0; typed < 20; typed++) {
      await texts.suggest(caret(`${long}${'y'.repeat(typed)} `), false, never);
    }
    expect(others.length).toBeLessThanOrEqual(2);
  });

  it('hands on what the engine fails with', async () => {
    const { texts } = stand(() => {
      throw new EngineError({ reason: 'crashed', detail: 'SIGSEGV' });
    });
    await expect(texts.suggest(caret('return '), true, never)).rejects.toThrow('SIGSEGV');
  });
});
