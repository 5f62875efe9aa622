import type { EngineSnapshot } from '../engineClient/engine';
import type { EngineFailure } from '../protocol/engine';
import type { EngineView } from '../protocol/webview';
import { baseName } from './baseName';

/** What pages show of the engine. `configuredPath`: the file that the settings name. */
export function engineView(
  { state, model, unresponsive, idleEnd }: EngineSnapshot,
  configuredPath: string | undefined,
  describe: (failure: EngineFailure) => { message: string },
): EngineView {
  return {
    state,
    model,
    configuredModel: configuredPath === undefined ? undefined : baseName(configuredPath),
    failure: state.kind === 'failed' ? describe(state.error).message : undefined,
    unresponsive,
    idleEnd: idleEnd && { minutes: idleEnd.minutes, seconds: idleEnd.loadMs / 1000 },
  };
}
