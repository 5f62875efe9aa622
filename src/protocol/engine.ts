/**
 * Every message between a client (one window of the editor, a script, a bench) and the engine process.
 * JSON-RPC over a local socket; cancellation and progress are the protocol's own.
 * A client first sends `initialize` with the run's token; anything else before it ends the connection.
 */
import { NotificationType, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc';

export const protocolVersion = 3;

/** A GPU library of llama.cpp's, or the CPU alone. */
export type Backend = 'cuda' | 'vulkan' | 'metal' | 'cpu';
export type BackendChoice = 'auto' | Backend;
export const backendChoices: readonly BackendChoice[] = ['auto', 'cuda', 'vulkan', 'metal', 'cpu'];

export type KvCacheType = 'f16' | 'q8_0' | 'q4_0';
export const kvCacheTypes: readonly KvCacheType[] = ['f16', 'q8_0', 'q4_0'];

export type FlashAttention = 'auto' | 'on' | 'off';
export const flashAttentionChoices: readonly FlashAttention[] = ['auto', 'on', 'off'];

export interface InitializeParams {
  token: string;
  protocolVersion: number;
}

/** What the engine process is and sees, known before any model is loaded. */
export interface EngineInfo {
  pid: number;
  /** Version of node-llama-cpp. */
  libraryVersion: string;
  /** llama.cpp's release. */
  llamaCppRelease: string;
  nodeVersion: string;
  backend: Backend;
  /** Set where another backend than the one asked for is in use: never silent. */
  fallback?: BackendFallback;
  devices: DeviceInfo[];
  /** Physical cores, as the library counts those that are good at arithmetic. */
  mathCores: number;
}

export interface BackendFallback {
  wanted: Backend;
  /** Where a sandbox or WSL explains it; else 'unavailable'. */
  cause: 'unavailable' | 'flatpak' | 'snap' | 'wsl';
  /** The library's last line about it, as it stands. */
  detail: string;
}

/** A GPU as the backend sees it. Bytes. */
export interface DeviceInfo {
  name: string;
  totalBytes: number;
  freeBytes: number;
  /** What one tensor may have there; absent: any size. */
  largestTensorBytes?: number;
}

/** How one file is to be loaded: data that any engine can carry out. */
export interface ModelOptions {
  /** Absolute path of the GGUF file (of the first part of a split one). */
  modelPath: string;
  /**
   * Layers on the GPU, the output counted as the last one: 0 … blocks + 1.
   * null: as many as fit, by the library's own estimate.
   */
  gpuLayers: number | null;
  /** Tokens. null: the model's trained context, at most 8,192. */
  contextSize: number | null;
  /** Tokens evaluated in one step of prefill (n_batch and n_ubatch). */
  batchSize: number;
  /** Of decode. null: one fewer than there are physical cores. */
  threads: number | null;
  /** null: as many as there are physical cores. */
  prefillThreads: number | null;
  kvCacheType: KvCacheType;
  flashAttention: FlashAttention;
  /** Map the file instead of reading it. */
  mmap: boolean;
  /** Keep the weights from being swapped out. */
  mlock: boolean;
  /** KV caches, each of the whole context: the second one lets a short request go between a long one's tokens. */
  sequences: number;
}

/** How the model that all share is to be loaded. */
export interface LoadOptions extends ModelOptions {
  /** A second, small model beside it, which `complete` asks then. */
  completion?: ModelOptions;
  /** What this load answers, as its client names it: other windows compare it with what they would ask for. */
  wish?: string;
}

/** The model that all clients share, as it was asked for and as it was loaded. */
export interface ServedModel {
  options: LoadOptions;
  model: LoadedModel;
}

/** How an engine that nobody asks anything behaves; the last client to say so decides. */
export interface ServePolicy {
  /** Minutes without a request, fractions allowed, after which the engine ends and gives all memory back; 0: never. */
  idleUnloadMinutes: number;
  /** Bytes on disk that saved states may take, all models together; 0: none are kept. */
  snapshotBytes: number;
}

/** Why an engine ends that did not fail: a client asked for it, or nobody asked anything for so long. */
export type Farewell = (
  { reason: 'unloaded' } | { reason: 'idle'; /** The policy's, fractions allowed. */ idleMinutes: number }
) & {
  /** What loading took, ms; null where nothing was loaded. */
  loadMs: number | null;
};

/** A model as it was really loaded. */
export interface LoadedModel {
  path: string;
  /** `general.name`, or the file's name. */
  name: string;
  architecture: string;
  /** Quant level as written in the header, e.g. "Q4_K_M"; "unknown" where it is not. */
  quant: string;
  parameters: number;
  /** Tensor bytes of the file. */
  sizeBytes: number;
  /** Transformer blocks + 1 for the output. */
  totalLayers: number;
  gpuLayers: number;
  /** Tokens. */
  contextSize: number;
  trainContextSize: number;
  batchSize: number;
  threads: number;
  prefillThreads: number;
  sequences: number;
  kvCacheType: KvCacheType;
  flashAttention: boolean;
  mmap: boolean;
  /** Bytes that llama.cpp says it holds, weights and context. */
  memory: { ramBytes: number; vramBytes: number };
  /** The same by buffer; empty where llama.cpp did not say. */
  buffers: LoadedBuffer[];
  /** VRAM in use by the device's own account, all programs together, bytes; null where it does not tell. */
  deviceUsedBytes: { before: number; after: number } | null;
  loadMs: number;
  /** Defaults that the file itself names (`general.sampling.*`). */
  fileSampling: Partial<Sampling>;
  /** The chat wrapper in use, as the library names it. */
  chatTemplate: string;
  /** True where the model can think in segments of its own. */
  supportsThinking: boolean;
  toolCalling: ToolCalling;
  /** True where its vocabulary has the tokens for filling in between a prefix and a suffix. */
  fim: boolean;
  /** The second model, where one was asked for and could be loaded. */
  completion?: CompletionModel;
  /** Why there is none though one was asked for: the model itself serves without it. */
  completionFailure?: EngineFailure;
}

/** The second, small model, as it was really loaded. */
export type CompletionModel = Pick<
  LoadedModel,
  'path' | 'name' | 'totalLayers' | 'gpuLayers' | 'contextSize' | 'memory' | 'buffers' | 'loadMs' | 'fim'
>;

/**
 * How a model is told of tools and calls them: in the syntax of its own family, in the one that its template writes
 * calls in, or in one that it was not trained on.
 */
export type ToolCalling = 'own' | 'template' | 'generic';

/** A buffer that llama.cpp allocated. */
export interface LoadedBuffer {
  /** llama.cpp's name of it, e.g. "Vulkan0", "CPU_REPACK", "CUDA_Host". */
  name: string;
  kind: 'model' | 'KV' | 'RS' | 'compute' | 'output';
  bytes: number;
  onGpu: boolean;
}

/** One way to load a model, everything decided: what memory is told of, and an engine carries out. */
export interface PlanConfig {
  /** 0 … blocks + 1: the output counts as the last layer, so that 1 moves the output alone. */
  gpuLayers: number;
  /** Tokens, of each sequence. */
  contextSize: number;
  /** Tokens evaluated in one step of prefill (n_batch and n_ubatch). */
  batchSize: number;
  /** Of keys and values alike. */
  kvCacheType: KvCacheType;
  flashAttention: boolean;
  mmap: boolean;
  /** Conversations held at once; each has a KV cache of its own. */
  sequences: number;
}

export interface SimulateParams {
  /** Absolute path of the GGUF file; of a remote one, of a sparse file that holds its header. */
  modelPath: string;
  configs: PlanConfig[];
}

/** What llama.cpp would allocate, by its own arithmetic for the devices at hand. Bytes. */
export interface SimulatedUse {
  weights: { ramBytes: number; vramBytes: number };
  /** KV cache, recurrent state, compute and output buffers together. */
  context: { ramBytes: number; vramBytes: number };
}

/** Rates that llama.cpp reaches on this machine, measured with a model of zeros. 0 for a GPU where there is none. */
export interface Calibration {
  /** Weights read while decoding, bytes/s. */
  ramBytesPerSecond: number;
  vramBytesPerSecond: number;
  /** The CPU's weights copied to the GPU for a batch, bytes/s. */
  copyBytesPerSecond: number;
  /** The model's file read from its disk, bytes/s; 0: not measured. The engine leaves it to its client. */
  diskBytesPerSecond: number;
  /** The system's cache may have held some of that file: the disk may be slower. */
  diskIsUpperBound?: boolean | undefined;
  /** Multiply-adds of a batch, one per parameter and token, /s. */
  cpuMultiplyAddsPerSecond: number;
  gpuMultiplyAddsPerSecond: number;
  /**
   * Tokens of a batch from which the CPU's weights are copied to the GPU. Read, not measured: llama.cpp's backends
   * compare with 32, or with GGML_OP_OFFLOAD_MIN_BATCH in the engine's environment.
   */
  offloadMinBatch: number;
  /** How long the calibration took. */
  seconds: number;
}

export interface LoadProgress {
  /** 0 … 1 */
  fraction: number;
}

export interface Sampling {
  temperature: number;
  /** 0: off. */
  topK: number;
  /** 1: off. */
  topP: number;
  /** 0: off. */
  minP: number;
  seed: number;
  /** Tokens of one answer, thoughts included. */
  maxTokens: number;
}

export type Thinking = { mode: 'on' } | { mode: 'off' } | { mode: 'budget'; tokens: number };

/** Who asks; an engine with a queue orders by it. */
export type RequestKind = 'ghost' | 'inline' | 'chat' | 'background';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
  /** Thoughts of an assistant's turn; the template decides whether they are kept. */
  thought?: string;
  /** Tools that an assistant's turn called after its text. What follows a result at once goes on with that turn. */
  toolCalls?: AnsweredToolCall[];
}

/** A function that the model may ask its client to run. */
export interface Tool {
  /** Without white space. */
  name: string;
  description?: string;
  /** JSON schema of its one argument, an object; absent: it takes none. */
  schema?: Record<string, unknown>;
}

export interface ToolCall {
  name: string;
  input: Record<string, unknown>;
}

export interface AnsweredToolCall extends ToolCall {
  result: string;
}

export interface ChatRequest {
  kind: RequestKind;
  /** The whole history, a user's message or results of tools last. The engine keeps none. */
  messages: ChatMessage[];
  tools?: Tool[];
  /** The answer must be a call of a tool. */
  mustCallTool?: boolean;
  /** Names the conversation: its state is kept for its next turn. Absent: the state is not worth keeping. */
  conversation?: string;
  /** What is absent comes from the model's file, then from the engine's defaults. */
  sampling: Partial<Sampling>;
  thinking: Thinking;
}

export type ChatProgress =
  /** Another request runs: before this one's turn, or where a more urgent one came between. */
  | { kind: 'waiting'; /** Requests before it. */ ahead: number }
  | {
      kind: 'prefill';
      /** Tokens of the prompt that are in the KV cache by now, reused ones included. */
      done: number;
      total: number;
      reused: number;
      /** Measured over this prompt; 0 before the first chunk. */
      tokensPerSecond: number;
    }
  | {
      kind: 'text' | 'thought';
      text: string;
      /** Tokens in this piece. */
      tokens: number;
      /** Tokens a second since the first one, measured. */
      tokensPerSecond: number;
    };

export type StopReason = 'end' | 'maxTokens' | 'contextFull' | 'cancelled';

export interface ChatResult {
  text: string;
  thought: string;
  /** What the model wants to be run, in its order; nothing was. Absent: nothing. */
  toolCalls?: ToolCall[];
  stopReason: StopReason;
  promptTokens: number;
  /** Prompt tokens that were in the KV cache already. */
  reusedTokens: number;
  /** Tokens generated, thoughts and arguments of calls included, the end-of-turn token and what frames a call not. */
  outputTokens: number;
  thoughtTokens: number;
  prefillMs: number;
  /** From the request's arrival to the first token; null where none came. */
  firstTokenMs: number | null;
  /** From the first token to the last. */
  decodeMs: number;
  /** (outputTokens − 1) / decodeMs; null with fewer than two tokens. */
  tokensPerSecond: number | null;
}

/** A text to be written at the caret of a file, by the model's own tokens for it. Lines end with "\n" alone. */
export interface CompleteRequest {
  /** Before the caret and after it. */
  prefix: string;
  suffix: string;
  /** Of the file, as it is known in its project. */
  path: string;
  /** Parts of other files, the least important first. Left out for models without a token that parts files. */
  files: { path: string; text: string }[];
  repository?: string;
  maxTokens: number;
  /** Ends it before the line break that would make it longer; breaks before any other text do not count. */
  maxLines: number;
}

export interface CompleteResult {
  text: string;
  /** `lines`: as many as were asked for. A cancel is a result, which holds what came. */
  stopReason: StopReason | 'lines';
  /** Which of the loaded models wrote it. */
  modelPath: string;
  promptTokens: number;
  /** Prompt tokens that were in the KV cache already. */
  reusedTokens: number;
  /** Prompt tokens that were evaluated: all the others, unless it was cancelled. */
  readTokens: number;
  outputTokens: number;
  /** From its turn on; what it waited for other requests is in neither of them. */
  prefillMs: number;
  decodeMs: number;
}

export interface MeasureParams {
  messages: ChatMessage[];
}
export interface MeasureResult {
  /** Tokens of the whole prompt as the template renders it. */
  total: number;
  /** Tokens of each message, its share of the template included; their sum is `total`. */
  perMessage: number[];
  contextSize: number;
}

export interface MemoryResult {
  /** Bytes that this process holds in RAM. */
  rssBytes: number;
  devices: (DeviceInfo & { usedBytes: number })[];
}

export type EngineState =
  | { kind: 'stopped' }
  | { kind: 'starting' }
  | { kind: 'loading'; modelPath: string; progress: number }
  | { kind: 'ready' }
  | { kind: 'prefilling'; done: number; total: number; tokensPerSecond: number }
  | { kind: 'generating'; rate: number; tokens: number }
  | { kind: 'failed'; error: EngineFailure };

/** Why a request or the process failed. The client turns it into words. */
export type FailureReason =
  | 'crashed'
  | 'noRuntime'
  | 'startTimeout'
  | 'unauthorized'
  | 'protocolMismatch'
  | 'modelMissing'
  | 'modelNotGguf'
  | 'modelTruncated'
  | 'modelMalformed'
  | 'modelUnsupported'
  | 'doesNotFit'
  | 'loadFailed'
  | 'noModel'
  | 'promptTooLong'
  | 'badRequest'
  | 'internal';

export interface EngineFailure {
  reason: FailureReason;
  /** Plain technical detail, untranslated: llama.cpp's last error line, a signal, a size. */
  detail: string;
  /** With promptTooLong: tokens of the prompt and of the context. */
  tokens?: { needed: number; available: number };
  /** With crashed: so many restarts came to nothing in a short time that no further one is made by itself. */
  restarts?: number;
}

/** The JSON-RPC error code that carries an `EngineFailure` as its data. */
export const engineFailureCode = -32050;

export const initializeRequest = new RequestType<InitializeParams, EngineInfo, EngineFailure>('initialize');

/** Loads a model, replacing the loaded one. Progress: `loadProgress`. Cancellation: nothing stays loaded. */
export const loadRequest = new RequestType<
  LoadOptions & { progressToken: string },
  LoadedModel,
  EngineFailure
>('model/load');
export const loadProgress = new ProgressType<LoadProgress>();

/** Frees the model; the process stays and keeps some of the memory. */
export const unloadRequest = new RequestType0<null, EngineFailure>('model/unload');

/**
 * Answers a history. Progress: `chatProgress`.
 * Cancellation ends it between two chunks or tokens; the result then says `cancelled` and holds what came.
 */
export const chatRequest = new RequestType<
  ChatRequest & { progressToken: string },
  ChatResult,
  EngineFailure
>('chat/generate');
export const chatProgress = new ProgressType<ChatProgress>();

/**
 * Writes a ghost text, by the second model where one is loaded. Cancellation ends it between two chunks or tokens.
 * Fails with `noModel` where no loaded model has tokens for it.
 */
export const completeRequest = new RequestType<CompleteRequest, CompleteResult, EngineFailure>(
  'completion/fill',
);

/** Renders and tokenises without evaluating. */
export const measureRequest = new RequestType<MeasureParams, MeasureResult, EngineFailure>('chat/measure');

/** Tokens of plain texts by the model's tokenizer, without the template. */
export const countTokensRequest = new RequestType<{ texts: string[] }, { counts: number[] }, EngineFailure>(
  'tokens/count',
);

/** What configurations of a file would take; nothing is loaded for it, and what is loaded stays. */
export const simulateRequest = new RequestType<SimulateParams, { uses: SimulatedUse[] }, EngineFailure>(
  'plan/simulate',
);

/** Measures the machine, under 10 s. The loaded model is unloaded. Progress: `loadProgress`. */
export const calibrateRequest = new RequestType<{ progressToken: string }, Calibration, EngineFailure>(
  'plan/calibrate',
);

/** Forgets what was saved of a conversation. */
export const forgetRequest = new RequestType<{ conversation: string }, null, EngineFailure>('chat/forget');

/** Saves what is worth saving and ends the process, for all clients: only that gives all memory back. */
export const endRequest = new RequestType0<null, EngineFailure>('engine/end');

export const policyNotification = new NotificationType<ServePolicy>('engine/policy');

/** The last message of an engine that ends without having failed. */
export const farewellNotification = new NotificationType<Farewell>('engine/farewell');

/** The model was loaded, replaced, or freed (null), whoever asked for it. Also sent to a client that is new. */
export const modelNotification = new NotificationType<ServedModel | null>('engine/model');

export const memoryRequest = new RequestType0<MemoryResult, EngineFailure>('memory/read');

/**
 * The process's own states: loading, ready, prefilling, generating; `stopped` while no model is loaded. Told at least
 * every 2 s while a request is under way, whoever made it.
 */
export const stateNotification = new NotificationType<EngineState>('engine/state');
