import { describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import type { EngineInfo, EngineState } from '../../../src/protocol/engine';
import { statusText } from '../../../src/status/statusText';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';

const gib = 2 ** 30;
const info: EngineInfo = {
  pid: 1,
  libraryVersion: '3.22.1',
  llamaCppRelease: 'b1',
  nodeVersion: '20.20.2',
  backend: 'cuda',
  devices: [],
  mathCores: 6,
};
const memory = {
  devices: [{ name: 'RTX 3060', totalBytes: 12 * gib, usedBytes: 11.3 * gib, source: 'nvidia-smi' as const }],
  engineRamBytes: 30 * gib,
};

function show(state: EngineState, changes: Partial<EngineSnapshot> = {}, reading = memory) {
  const snapshot = { state, info, model: loadedModel(), runtime: undefined, ...changes };
  return statusText(
    { snapshot, memory: snapshot.model ? reading : undefined, configured: 'Llama-3-70B-Q4_K_M.gguf' },
    translate,
  );
}

describe('statusText', () => {
  it('names the model and the VRAM used of all', () => {
    expect(show({ kind: 'ready' })).toEqual({
      text: '$(layers) Llama 3 70B Instruct Q4_K_M · 11.3/12.0 GiB',
      label: 'Layercake: Llama 3 70B Instruct Q4_K_M · 11.3/12.0 GiB',
      severity: 'normal',
    });
  });

  it('shows the rate while answering, and before the first one that it answers', () => {
    expect(show({ kind: 'generating', rate: 1.93, tokens: 40 }).text).toBe(
      '$(pulse) Llama 3 70B Instruct Q4_K_M · 1.9 tok/s · 11.3/12.0 GiB',
    );
    expect(show({ kind: 'generating', rate: 0, tokens: 0 }).text).toContain('· answering ·');
    expect(show({ kind: 'generating', rate: 186.4, tokens: 9 }).text).toContain('186 tok/s');
  });

  it('shows how far reading and loading are', () => {
    expect(show({ kind: 'prefilling', done: 420, total: 1000, tokensPerSecond: 30 }).text).toContain(
      '$(loading~spin) Llama 3 70B Instruct Q4_K_M · reading 42 %',
    );
    expect(show({ kind: 'prefilling', done: 0, total: 0, tokensPerSecond: 0 }).text).toContain('reading 0 %');
    expect(show({ kind: 'loading', modelPath: '/m', progress: 0.999 }, { model: undefined }).text).toBe(
      '$(loading~spin) Llama-3-70B-Q4_K_M · loading 99 %',
    );
  });

  it('shows the time that reading still takes, once its rate is known', () => {
    const state = { kind: 'prefilling', done: 420, total: 1000 } as const;
    expect(show({ ...state, tokensPerSecond: 30 }).text).toContain('· reading 42 %, 19 s left ·');
    expect(show({ ...state, tokensPerSecond: 1 }).text).toContain('· reading 42 %, 10 min left ·');
    expect(show({ ...state, tokensPerSecond: 0 }).text).toContain('· reading 42 % ·');
  });

  it('warns of an engine that is not heard', () => {
    const silent = show({ kind: 'generating', rate: 2, tokens: 3 }, { unresponsive: true });
    expect(silent.text).toBe('$(warning) Llama 3 70B Instruct Q4_K_M · not answering · 11.3/12.0 GiB');
    expect(silent.severity).toBe('warning');
  });

  it('says that the model was unloaded for want of a question', () => {
    const ended = { model: undefined, info: undefined, idleEnd: { minutes: 30, loadMs: 12_000 } };
    expect(show({ kind: 'stopped' }, ended)).toMatchObject({
      text: '$(circle-outline) Llama-3-70B-Q4_K_M · unloaded, idle',
      severity: 'normal',
    });
  });

  it('names what would be loaded, else says that there is no model', () => {
    expect(show({ kind: 'stopped' }, { model: undefined, info: undefined }).text).toBe(
      '$(circle-outline) Llama-3-70B-Q4_K_M',
    );
    const nothing = { state: { kind: 'stopped' } as const, info: undefined, model: undefined };
    expect(
      statusText(
        { snapshot: { ...nothing, runtime: undefined }, memory: undefined, configured: undefined },
        translate,
      ).text,
    ).toBe('$(circle-outline) No model');
  });

  it('adds up the cards, and shows RAM where there is none', () => {
    const two = { ...memory, devices: [...memory.devices, ...memory.devices] };
    expect(show({ kind: 'ready' }, {}, two).text).toContain('22.6/24.0 GiB');
    expect(show({ kind: 'ready' }, {}, { ...memory, devices: [] }).text).toContain('30.0 GiB RAM');
  });

  it('warns of another backend, and of a failure before that', () => {
    const fallback = { wanted: 'cuda', cause: 'unavailable', detail: '' } as const;
    const fallen = { ...info, backend: 'cpu' as const, fallback };
    expect(show({ kind: 'ready' }, { info: fallen }).severity).toBe('warning');
    const failed = show(
      { kind: 'failed', error: { reason: 'crashed', detail: '' } },
      { info: fallen, model: undefined },
    );
    expect(failed).toMatchObject({
      severity: 'error',
      text: '$(error) Llama-3-70B-Q4_K_M · failed',
    });
  });

  it('keeps a long name short, and no name can be an icon', () => {
    const model = loadedModel({ name: '$(bug) A very long name of a model that goes on' });
    expect(show({ kind: 'ready' }, { model }).text).toBe(
      '$(layers) $ (bug) A very long name o… Q4_K_M · 11.3/12.0 GiB',
    );
    expect(show({ kind: 'ready' }, { model: loadedModel({ name: 'M-Q4_K_M' }) }).text).toContain(
      ' M-Q4_K_M ·',
    );
  });
});
