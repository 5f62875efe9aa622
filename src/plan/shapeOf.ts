import type { GgufHeader } from '../gguf/model';
import { Metadata } from '../gguf/metadata';
import type { GgufTensor } from '../gguf/tensors';
import { blockCaches, shapeGaps, loadedBlocks, noCache } from './blockCaches';
import { repackedBytes } from './repacked';
import type { LayerShape, ModelShape } from './shape';

/** What planning needs of a header: each tensor's bytes by the layer that it moves with. Pure. */
export function shapeOf(header: GgufHeader): ModelShape {
  const { architecture, blockCount, embeddingLength, tensors } = header;
  const metadata = new Metadata(header.metadata);
  const experts = {
    count: metadata.number(`${architecture}.expert_count`) ?? 0,
    used: metadata.perBlock(`${architecture}.expert_used_count`, 1)?.[0] ?? 0,
  };
  const usedShare = experts.count > 0 ? experts.used / experts.count : 1;
  const places = sortByPlace(tensors, blockCount);
  const caches = blockCaches(header);
  const loaded = loadedBlocks(header);
  const tiedOutput = !tensors.some(({ name }) => name === 'output.weight');
  const blocks = places.blocks.map((members, block) => ({
    ...weightsOf(block < loaded ? members : [], usedShare),
    ...(caches[block] ?? noCache),
  }));
  const output = weightsOf(tiedOutput ? [...places.output, ...embeddingOf(tensors)] : places.output, 1);
  return {
    name: header.name ?? architecture,
    architecture,
    quant: header.quant,
    parameters: header.parameters,
    totalLayers: header.totalLayers,
    trainContext: header.trainContext,
    vocabularySize: header.vocabularySize,
    embeddingLength,
    headCount: header.headCount,
    inputBytes: sumBytes(places.input),
    layers: [...blocks, { ...output, ...noCache }],
    feedForwardLength: widestFeedForward(metadata, architecture, blockCount, experts.used),
    experts,
    tiedOutput,
    repackedBytes: repackedBytes(header),
    gaps: shapeGaps(header),
  };
}

interface Places {
  input: GgufTensor[];
  blocks: GgufTensor[][];
  output: GgufTensor[];
}

/** Looked up before the first block; all else that stands outside of the blocks goes with the output. */
const inputNames = /^(?:token_embd|position_embd|token_types|per_layer_token_embd)\./;

function sortByPlace(tensors: readonly GgufTensor[], blockCount: number): Places {
  const places: Places = {
    input: [],
    blocks: Array.from({ length: blockCount }, () => []),
    output: [],
  };
  for (const tensor of tensors) {
    const block = /^blk\.(\d+)\./.exec(tensor.name)?.[1];
    const members = block === undefined ? undefined : places.blocks[Number(block)];
    if (members !== undefined) members.push(tensor);
    else if (inputNames.test(tensor.name)) places.input.push(tensor);
    else places.output.push(tensor);
  }
  return places;
}

function weightsOf(
  tensors: readonly GgufTensor[],
  usedShare: number,
): Pick<LayerShape, 'weightBytes' | 'expertBytes' | 'largestTensorBytes' | 'multiplyAdds'> {
  const isExpert = ({ name }: GgufTensor) => /_(?:ch)?exps\b/.test(name);
  const experts = tensors.filter(isExpert);
  const others = tensors.filter((tensor) => !isExpert(tensor));
  const adds = (members: readonly GgufTensor[]) =>
    members
      .filter(({ dimensions }) => dimensions.length > 1)
      .reduce((sum, { elements }) => sum + elements, 0);
  return {
    weightBytes: sumBytes(others),
    expertBytes: sumBytes(experts),
    largestTensorBytes: Math.max(0, ...tensors.map(({ bytes }) => bytes)),
    multiplyAdds: adds(others) + adds(experts) * usedShare,
  };
}

/** Width between the matrices of the feed-forward part; of all experts that a token uses together. */
function widestFeedForward(metadata: Metadata, architecture: string, blocks: number, used: number): number {
  const dense = Math.max(0, ...(metadata.perBlock(`${architecture}.feed_forward_length`, blocks) ?? []));
  const expert = metadata.number(`${architecture}.expert_feed_forward_length`) ?? 0;
  return Math.max(dense, expert * used);
}

function embeddingOf(tensors: readonly GgufTensor[]): GgufTensor[] {
  return tensors.filter(({ name }) => name === 'token_embd.weight');
}

function sumBytes(tensors: readonly GgufTensor[]): number {
  return tensors.reduce((sum, { bytes }) => sum + bytes, 0);
}
