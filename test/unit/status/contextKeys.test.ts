import { Emitter } from 'vscode-jsonrpc';
import { expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { followEngine } from '../../../src/status/contextKeys';
import { loadedModel } from '../../support/loadedModel';

it('sets what the manifest asks for, and only what changed', () => {
  const changed = new Emitter<EngineSnapshot>();
  const snapshot: EngineSnapshot = {
    state: { kind: 'stopped' },
    info: undefined,
    model: undefined,
    runtime: undefined,
  };
  const set: [string, string | boolean][] = [];
  const follow = followEngine({ snapshot, onDidChange: changed.event }, (key, value) =>
    set.push([key, value]),
  );
  expect(Object.fromEntries(set)).toEqual({
    'layercake.engineState': 'stopped',
    'layercake.modelLoaded': false,
    'layercake.busy': false,
  });

  set.length = 0;
  const model = loadedModel();
  changed.fire({ ...snapshot, state: { kind: 'generating', rate: 0, tokens: 0 }, model });
  changed.fire({ ...snapshot, state: { kind: 'generating', rate: 1, tokens: 5 }, model });
  expect(set).toEqual([
    ['layercake.engineState', 'generating'],
    ['layercake.modelLoaded', true],
    ['layercake.busy', true],
  ]);

  follow.dispose();
  changed.fire(snapshot);
  expect(set).toHaveLength(3);
});
