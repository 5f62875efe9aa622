/**
 * What a header may hold. Real models stay far below; llama.cpp compares names pairwise, so that a header with
 * more entries or tensors than this would keep it busy for seconds before it even fails.
 */
export const limits = {
  /** Bytes up to the tensor data. Vocabulary, merges and templates of the largest models take about 20 MiB. */
  headerBytes: 256 * 1024 * 1024,
  metadataEntries: 8_192,
  keyBytes: 65_535,
  /** A string larger than the header may be is refused; one above this is skipped and only its length kept. */
  keptStringBytes: 1024 * 1024,
  /** Arrays above this are skipped and only their length kept. */
  keptArrayLength: 1_024,
  keptArrayStringBytes: 64 * 1024,
  vocabulary: 4_194_304,
  tensors: 32_768,
  /** GGML_MAX_NAME − 1 */
  tensorNameBytes: 63,
  /** GGML_MAX_DIMS */
  dimensions: 4,
  /** LLAMA_MAX_LAYERS: above it llama.cpp aborts. */
  blocks: 512,
  /** LLAMA_MAX_EXPERTS */
  experts: 1_024,
  alignment: 1024 * 1024,
  parts: 999,
} as const;
