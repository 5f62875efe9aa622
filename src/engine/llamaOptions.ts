import type { FlashAttention, KvCacheType } from '../protocol/engine';

/** How to load, everything decided but for the layers. */
export interface SessionOptions {
  modelPath: string;
  /** null: as many as fit. */
  gpuLayers: number | null;
  contextSize: number;
  batchSize: number;
  threads: number;
  kvCacheType: KvCacheType;
  flashAttention: FlashAttention;
  mmap: boolean;
  mlock: boolean;
  sequences: number;
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
  signal: AbortSignal;
  onPiece: (kind: 'text' | 'thought', text: string, tokens: number) => void;
}
