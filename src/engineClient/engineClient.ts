import type { Event } from 'vscode-jsonrpc';
import type { EngineError } from '../errors';
import type {
  ChatProgress,
  ChatRequest,
  ChatResult,
  EngineInfo,
  EngineState,
  Farewell,
  LoadedModel,
  LoadOptions,
  ServedModel,
} from '../protocol/engine';
import type { Engine } from './engine';

/** One engine process and the connection to it. The supervisor's tests put a fake in its place. */
export interface EngineClient extends Pick<
  Engine,
  'complete' | 'measure' | 'countTokens' | 'simulate' | 'calibrate' | 'memory' | 'forget' | 'setPolicy'
> {
  readonly info: EngineInfo;
  /** What it does now, for whichever client. */
  readonly state: EngineState;
  readonly onState: Event<EngineState>;
  /** The model that all its clients share. */
  readonly served: ServedModel | undefined;
  readonly onServed: Event<ServedModel | undefined>;
  /** It owes an answer and nothing was heard from it for 30 s (true); or it is heard again. */
  readonly onSilence: Event<boolean>;
  /** Set where it ended without having failed, by a client's wish or by itself. */
  readonly farewell: Farewell | undefined;
  /** Resolves when the session is over: with the failure, or with undefined where it was ended by wish. */
  readonly ended: Promise<EngineError | undefined>;
  /** Rejects with `EngineError`, or with `CancelledError` once `signal` is aborted; then nothing is loaded. */
  load(
    options: LoadOptions,
    onProgress?: (fraction: number) => void,
    signal?: AbortSignal,
  ): Promise<LoadedModel>;
  /** Frees the model; the process stays and keeps some of the memory. */
  unload(): Promise<void>;
  /** A cancel is a result, and so is `shutdown`: it holds what came until then. */
  chat(
    request: ChatRequest,
    onProgress: (progress: ChatProgress) => void,
    signal?: AbortSignal,
  ): Promise<ChatResult>;
  /** Leaves the process to its other clients; without any it ends by itself. Requests end as cancelled. */
  leave(): void;
  /**
   * Has the process end for all clients. It may take its time to save conversations; where it says nothing for
   * `silenceMs` it is killed. Requests under way end as cancelled.
   */
  shutdown(silenceMs?: number): Promise<void>;
  /** Kills the process at once. */
  dispose(): void;
}
