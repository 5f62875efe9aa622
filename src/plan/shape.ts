/** A model as planning sees it: bytes by layer and what its KV cache and batches depend on. Made from a GGUF header. */
export interface ModelShape {
  readonly name: string;
  readonly architecture: string;
  readonly quant: string;
  readonly parameters: number;
  /** Blocks + 1 for the output. */
  readonly totalLayers: number;
  readonly trainContext: number;
  readonly vocabularySize: number;
  readonly embeddingLength: number;
  readonly headCount: number;
  /** Bytes that stay on the CPU whatever is offloaded (the token embedding). */
  readonly inputBytes: number;
  /** The blocks in order, then the output. */
  readonly layers: readonly LayerShape[];
  /** Largest inner width of a feed-forward part, for the size of compute buffers. */
  readonly feedForwardLength: number;
  /** Experts in all and used per token; 0 of 0 in a dense model. */
  readonly experts: { readonly count: number; readonly used: number };
  /** Where the embedding also serves as the output, its copy there. Bytes, counted in the output layer. */
  readonly tiedOutput: boolean;
  /** Share of the weights (bytes) whose quant type the CPU repacks into memory of its own where it computes alone. */
  readonly repackedBytes: number;
  /** What the formulas leave out of this architecture; empty where nothing. */
  readonly gaps: readonly ShapeGap[];
}

/**
 * indexCache: the keys of a sparse attention's index. cacheLayout: a cache of the architecture's own kind.
 * recurrentBatch: what recurrent layers need to compute a batch, tens of MiB.
 */
export type ShapeGap = 'indexCache' | 'cacheLayout' | 'recurrentBatch';

export interface LayerShape {
  /** All but the experts. */
  readonly weightBytes: number;
  readonly expertBytes: number;
  /** Of the largest single tensor, experts of a layer being one: what a GPU copies at once of a layer on the CPU. */
  readonly largestTensorBytes: number;
  /** Multiply-adds a token, experts counted as used. */
  readonly multiplyAdds: number;
  /** Values of keys and of values that one token adds to the KV cache; 0 for recurrent layers and the output. */
  readonly keyValues: number;
  readonly valueValues: number;
  /** Tokens that a sliding window keeps; undefined: the whole context. */
  readonly window: number | undefined;
  /** State of a recurrent layer for each sequence, bytes; 0 else. */
  readonly stateBytes: number;
}
