import { contextKeys } from '../contributions';
import type { Engine, EngineSnapshot } from '../engineClient/engine';
import type { EngineState } from '../protocol/engine';

type EngineContextKey = 'engineState' | 'modelLoaded' | 'busy';
type EngineContext = Record<EngineContextKey, string | boolean>;

/** States in which a request or a load runs. */
export function isBusy(state: EngineState): boolean {
  return ['starting', 'loading', 'prefilling', 'generating'].includes(state.kind);
}

/** What the `when` clauses of the manifest know of the engine. */
export function engineContext({ state, model }: EngineSnapshot): EngineContext {
  return { engineState: state.kind, modelLoaded: model !== undefined, busy: isBusy(state) };
}

/**
 * Keeps the context keys of the engine up to date; only what changed is set, since snapshots come with each token.
 * `setContext` is the editor's command.
 */
export function followEngine(
  engine: Pick<Engine, 'snapshot' | 'onDidChange'>,
  setContext: (key: string, value: string | boolean) => void,
): { dispose(): void } {
  const shown: Partial<EngineContext> = {};
  const update = (snapshot: EngineSnapshot) => {
    const context = engineContext(snapshot);
    for (const name of Object.keys(context) as EngineContextKey[]) {
      if (shown[name] === context[name]) continue;
      shown[name] = context[name];
      setContext(contextKeys[name], context[name]);
    }
  };
  update(engine.snapshot);
  return engine.onDidChange(update);
}
