import type { Checkpoints } from '../plan/checkpoints';
import type { FlashAttention, KvCacheType, ToolCall } from '../protocol/engine';
import type { LlamaTools } from './llamaTools';

/** Names of the library's. */
export const kvTypes = { f16: 'F16', q8_0: 'Q8_0', q4_0: 'Q4_0' } as const satisfies Record<
  KvCacheType,
  string
>;

/** How to load, everything decided but for the layers. */
export interface SessionOptions {
  modelPath: string;
  /** null: as many as fit. */
  gpuLayers: number | null;
  contextSize: number;
  batchSize: number;
  threads: number;
  prefillThreads: number;
  kvCacheType: KvCacheType;
  flashAttention: FlashAttention;
  mmap: boolean;
  mlock: boolean;
  sequences: number;
  checkpoints: Checkpoints;
  onProgress: (fraction: number) => void;
  signal: AbortSignal;
}

export interface GenerateOptions {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  seed?: number;
  maxTokens: number;
  /** Infinity: as many as the model wants. */
  thoughtTokens: number;
  /** What may be called; undefined: nothing. */
  tools: LlamaTools | undefined;
  signal: AbortSignal;
  /** Awaited before each token. */
  pause: () => Promise<void>;
  onPiece: (kind: 'text' | 'thought', text: string, tokens: number) => void;
  /** A piece of the arguments of a call. */
  onCallPiece: () => void;
}

export interface Generated {
  stop: 'end' | 'maxTokens' | 'abort';
  toolCalls: ToolCall[];
}
