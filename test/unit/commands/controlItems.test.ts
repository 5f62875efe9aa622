import { describe, expect, it } from 'vitest';
import { controlItems } from '../../../src/commands/controlItems';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import type { EngineState, LoadedModel } from '../../../src/protocol/engine';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';

function commands(state: EngineState, model: LoadedModel | undefined, configured?: string) {
  const snapshot: EngineSnapshot = { state, model, info: undefined, runtime: undefined };
  return controlItems(snapshot, configured, undefined, translate).map((item) => item.command);
}

describe('controlItems', () => {
  it('begins with a choice where nothing is configured, and offers the test', () => {
    expect(commands({ kind: 'stopped' }, undefined)).toEqual([
      'chooseModel',
      'openSettings',
      'doctor',
      'showLog',
      'testEngine',
    ]);
  });

  it('begins with Load where a model is set but not loaded, after a failure too', () => {
    expect(commands({ kind: 'stopped' }, undefined, 'a.gguf')[0]).toBe('loadModel');
    const failed: EngineState = { kind: 'failed', error: { reason: 'crashed', detail: '' } };
    expect(commands(failed, undefined, 'a.gguf')[0]).toBe('loadModel');
  });

  it('begins with Stop while something runs', () => {
    expect(commands({ kind: 'generating', rate: 1, tokens: 1 }, loadedModel(), 'a.gguf')[0]).toBe('stop');
    const loading = commands({ kind: 'loading', modelPath: 'a', progress: 0 }, undefined, 'a.gguf');
    expect(loading[0]).toBe('stop');
    expect(loading).not.toContain('loadModel');
  });

  it('has all of a loaded model', () => {
    expect(commands({ kind: 'ready' }, loadedModel(), 'a.gguf')).toEqual([
      'chooseModel',
      'setGpuLayers',
      'setContextSize',
      'showPlan',
      'unloadModel',
      'openSettings',
      'doctor',
      'showLog',
      'testEngine',
    ]);
  });

  it('switches ghost text where a model can fill in, and says where it comes on request alone', () => {
    const snapshot = { state: { kind: 'ready' }, info: undefined, runtime: undefined } as const;
    const item = (ghost: 'on' | 'off' | 'request') =>
      controlItems({ ...snapshot, model: loadedModel() }, 'a.gguf', ghost, translate).find(
        ({ command }) => command === 'toggleGhostText',
      );
    expect(item('on')).toMatchObject({ label: 'Turn ghost text off', description: '' });
    expect(item('off')?.label).toBe('Turn ghost text on');
    expect(item('request')?.description).toBe('too slow here: comes on request');
  });

  it('says how the layers lie', () => {
    const snapshot = { state: { kind: 'ready' }, info: undefined, runtime: undefined } as const;
    const items = controlItems({ ...snapshot, model: loadedModel() }, 'a.gguf', undefined, translate);
    expect(items.find((item) => item.command === 'setGpuLayers')?.description).toBe('20 of 81');
    expect(items.find((item) => item.command === 'setContextSize')?.description).toBe('8,192 tokens');
  });
});
