import type { EngineState, Farewell, ServedModel } from '../protocol/engine';
import type { EngineSnapshot } from './engine';
import type { EngineClient } from './engineClient';

type Change = Partial<EngineSnapshot>;

/** What a snapshot says where no process runs any more. */
export function ended(farewell?: Farewell): Change {
  const { loadMs } = farewell ?? { loadMs: null };
  const idleEnd =
    farewell?.reason === 'idle' && loadMs !== null ? { minutes: farewell.idleMinutes, loadMs } : undefined;
  return { info: undefined, unresponsive: undefined, idleEnd, ...nothingLoaded };
}

/** What a snapshot says where no model is loaded. */
export const nothingLoaded = { model: undefined, served: undefined } satisfies Change;

export function shownModel(served: ServedModel | undefined): Change {
  return served === undefined ? nothingLoaded : { model: served.model, served: served.options };
}

/** Of an engine that this window has just started or joined. */
export function shownEngine({ info, state, served }: EngineClient): Change {
  return { info, state, idleEnd: undefined, ...shownModel(served) };
}

/** After a model was loaded or freed, by this window or another one. */
export function afterServed({ state }: EngineSnapshot, served: ServedModel | undefined): Change {
  const shown = shownModel(served);
  if (served === undefined) return state.kind === 'failed' ? shown : { ...shown, state: { kind: 'stopped' } };
  return isAnswering(state) ? shown : { ...shown, state: { kind: 'ready' } };
}

/** After the engine told what it does; undefined where that is nothing new to show. */
export function afterState(current: EngineSnapshot, state: EngineState): Change | undefined {
  if (state.kind === 'loading') return { state, ...nothingLoaded };
  // Another window gave up its load, or it failed.
  if (state.kind === 'stopped') return current.state.kind === 'loading' ? { state } : undefined;
  return current.model !== undefined && (state.kind === 'ready' || isAnswering(state))
    ? { state }
    : undefined;
}

export function isAnswering({ kind }: EngineState): boolean {
  return kind === 'prefilling' || kind === 'generating';
}
