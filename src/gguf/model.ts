import { checkModel } from './checkModel';
import { fimTokensOf, type FimTokens } from './fimTokens';
import { GgufError } from './ggufError';
import { Metadata } from './metadata';
import { quantLabel } from './quant';
import type { GgufTable } from './table';

/** Defaults that a file names for sampling (`general.sampling.*`). */
export interface GgufSampling {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
}

/** A model as its header describes it. Plain data. */
export interface GgufHeader extends GgufTable {
  readonly architecture: string;
  /** `general.name`. */
  readonly name: string | undefined;
  /** Quant level, e.g. "Q4_K_M". */
  readonly quant: string;
  readonly parameters: number;
  /** Bytes of all tensors, of all parts. */
  readonly tensorBytes: number;
  readonly blockCount: number;
  /** Blocks and the output: what the GPU layers are counted by. */
  readonly totalLayers: number;
  /** Tokens that the model was trained on at once. */
  readonly trainContext: number;
  /** Of the block that has most; 0 without attention. */
  readonly headCount: number;
  readonly kvHeadCount: number;
  /** By block, where blocks differ or not. */
  readonly kvHeadCounts: readonly number[];
  readonly embeddingLength: number;
  /** Entries; 0 where the file has no vocabulary. */
  readonly vocabularySize: number;
  readonly hasChatTemplate: boolean;
  /** undefined: it cannot fill in between a prefix and a suffix. */
  readonly fim: FimTokens | undefined;
  readonly sampling: GgufSampling;
  /** Files that the model is split into. */
  readonly partCount: number;
}

/**
 * Checks a file's (or a split model's, its tensors brought together) metadata and reads what describes the model.
 * @throws GgufError
 */
export function describeModel(table: GgufTable): GgufHeader {
  const metadata = new Metadata(table.metadata);
  const architecture = metadata.text('general.architecture');
  if (architecture === undefined) {
    throw new GgufError('modelMalformed', 'general.architecture is missing');
  }
  const hyper = checkModel(architecture, metadata, table.tensors);
  const vocabularySize =
    metadata.arrayLength('tokenizer.ggml.tokens') ?? metadata.number(`${architecture}.vocab_size`) ?? 0;
  return {
    ...table,
    ...hyper,
    architecture,
    name: metadata.text('general.name'),
    quant: quantLabel(metadata.number('general.file_type'), table.tensors),
    parameters: table.tensors.reduce((sum, tensor) => sum + tensor.elements, 0),
    tensorBytes: table.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0),
    totalLayers: hyper.blockCount + 1,
    vocabularySize,
    hasChatTemplate: metadata.has('tokenizer.chat_template'),
    fim: fimTokensOf(metadata, table.namedFimTokens, vocabularySize),
    sampling: readSampling(metadata),
    partCount: Math.max(1, metadata.number('split.count') ?? 1),
  };
}

/** Values outside of their range are left out: they are hints, no reason to refuse a model. */
function readSampling(metadata: Metadata): GgufSampling {
  const sampling: GgufSampling = {};
  const temperature = metadata.number('general.sampling.temp');
  if (temperature !== undefined && temperature >= 0 && temperature <= 10)
    sampling.temperature = round(temperature);
  const topK = metadata.number('general.sampling.top_k');
  if (topK !== undefined && Number.isInteger(topK)) sampling.topK = Math.max(0, topK);
  const topP = metadata.number('general.sampling.top_p');
  if (topP !== undefined && topP > 0 && topP <= 1) sampling.topP = round(topP);
  const minP = metadata.number('general.sampling.min_p');
  if (minP !== undefined && minP >= 0 && minP <= 1) sampling.minP = round(minP);
  return sampling;
}

/** The file has 32-bit floats: 0.95 would show as 0.949999988079071. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
