import type { Event } from 'vscode-jsonrpc';
import type {
  Calibration,
  ChatProgress,
  ChatRequest,
  ChatResult,
  CompleteRequest,
  CompleteResult,
  EngineInfo,
  EngineState,
  LoadedModel,
  LoadOptions,
  MeasureResult,
  MemoryResult,
  ServePolicy,
  ChatMessage,
  SimulatedUse,
  SimulateParams,
} from '../protocol/engine';

/** All that is known of the engine at one moment. Status bar, context keys and pages are views of it. */
export interface EngineSnapshot {
  readonly state: EngineState;
  /** While a process runs. */
  readonly info: EngineInfo | undefined;
  /** While a model is loaded, which all windows share. */
  readonly model: LoadedModel | undefined;
  /** How it was loaded, by whichever window. */
  readonly served?: LoadOptions | undefined;
  /** What the engine process runs in, and what to say of it. */
  readonly runtime: RuntimeDescription | undefined;
  /** Nothing was heard of the engine for 30 s, though it owes an answer. It is left alone: it may only be slow. */
  readonly unresponsive?: boolean | undefined;
  /** Where the engine ended with its model because nobody asked anything: until the next start. */
  readonly idleEnd?: IdleEnd | undefined;
}

export interface IdleEnd {
  /** Without a request. */
  minutes: number;
  /** What loading took, ms, measured. */
  loadMs: number;
}

export interface RuntimeDescription {
  /** Path of the executable. */
  path: string;
  kind: 'node' | 'electron';
  version: string;
  /** Where it was found. */
  source: 'setting' | 'editor' | 'path' | 'loginShell' | 'package' | 'electron';
  /**
   * Set where one buffer in RAM may not be larger (bytes): Electron on Linux. To be said to the person, since larger
   * models are refused without a GPU; a Node.js of their own (`layercake.engine.nodePath`) lifts it.
   */
  hostBufferLimitBytes?: number;
}

/**
 * What features know of an engine. Every promise settles: on success, on cancellation, and when the process ends.
 * Failures reject with `EngineError` (src/errors.ts).
 */
export interface Engine {
  readonly snapshot: EngineSnapshot;
  readonly onDidChange: Event<EngineSnapshot>;

  /**
   * Starts the process where none runs, and loads; what is loaded with the same options is not loaded again.
   * The options are kept for `chat`.
   */
  load(
    options: LoadOptions,
    onProgress?: (fraction: number) => void,
    signal?: AbortSignal,
  ): Promise<LoadedModel>;

  /** Ends the process for all windows: only that gives all memory back. Earlier crashes no longer hinder a start. */
  unload(): Promise<void>;

  /** Answers; loads again first what was loaded before a crash or an unload. A cancel is a result, not an error. */
  chat(
    request: ChatRequest,
    onProgress: (progress: ChatProgress) => void,
    signal: AbortSignal,
  ): Promise<ChatResult>;

  /**
   * Writes a ghost text. Loads nothing: rejects where no loaded model can fill in. A cancel is a result, not an error.
   */
  complete(request: CompleteRequest, signal: AbortSignal): Promise<CompleteResult>;

  /** Tokens of a history as the template renders it. Needs a loaded model. */
  measure(messages: ChatMessage[], signal?: AbortSignal): Promise<MeasureResult>;

  /** Tokens of plain texts. Needs a loaded model. */
  countTokens(texts: string[]): Promise<number[]>;

  /**
   * What configurations of a file would take, in their order: llama.cpp's own arithmetic. Starts the process where
   * none runs; loads nothing, unloads nothing. Beside a loaded model it speaks of that model's backend.
   */
  simulate(params: SimulateParams, signal?: AbortSignal): Promise<SimulatedUse[]>;

  /**
   * Measures the machine in about ten seconds, with the threads that a load takes by default. Starts the process
   * where none runs; ends answers under way and unloads the model, which the next chat loads again.
   * Rejects with `CancelledError` once `signal` is aborted.
   */
  calibrate(onProgress?: (fraction: number) => void, signal?: AbortSignal): Promise<Calibration>;

  /** Forgets what is kept of a conversation's state, on disk and in a running engine's memory. */
  forget(conversation: string): Promise<void>;

  /** How the engine behaves from now on when nobody asks it anything. Also for the processes to come. */
  setPolicy(policy: ServePolicy): void;

  memory(): Promise<MemoryResult>;
}
