import type { GgufHeader } from '../gguf/model';
import { Metadata } from '../gguf/metadata';
import type { GgufTensor } from '../gguf/tensors';
import { isRecurrentOnly, stateBytes } from './recurrent';
import { repackedBytes } from './repacked';
import type { LayerShape, ModelShape } from './shape';
import { slidingWindows } from './slidingWindow';

const noCache = { keyValues: 0, valueValues: 0, window: undefined, stateBytes: 0 };

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
  const windows = slidingWindows(header);
  const tiedOutput = !tensors.some(({ name }) => name === 'output.weight');
  const blocks = places.blocks.map((members, block) => ({
    ...weightsOf(members, usedShare),
    ...cacheOf(header, metadata, block),
    window: windows[block],
    stateBytes: stateBytes(header, block),
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
  };
}

interface Places {
  input: GgufTensor[];
  blocks: GgufTensor[][];
  output: GgufTensor[];
}

/** What stands outside the blocks goes with the output, but for what is looked up before the first block. */
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
    else if (/^output/.test(tensor.name)) places.output.push(tensor);
    else places.input.push(tensor);
  }
  return places;
}

function weightsOf(
  tensors: readonly GgufTensor[],
  usedShare: number,
): Pick<LayerShape, 'weightBytes' | 'expertBytes' | 'multiplyAdds'> {
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
    multiplyAdds: adds(others) + adds(experts) * usedShare,
  };
}

/** Values that a token adds to the cache: grouped-query attention by its heads, latent attention by its own keys. */
function cacheOf(
  header: GgufHeader,
  metadata: Metadata,
  block: number,
): Pick<LayerShape, 'keyValues' | 'valueValues'> {
  if (isRecurrentOnly(header, block)) return { keyValues: 0, valueValues: 0 };
  const { architecture, kvHeadCounts, embeddingLength, headCount } = header;
  const usual = headCount > 0 ? Math.floor(embeddingLength / headCount) : 0;
  const length = (key: string) => metadata.number(`${architecture}.attention.${key}`) ?? usual;
  const heads = kvHeadCounts[block] ?? 0;
  return { keyValues: heads * length('key_length'), valueValues: heads * length('value_length') };
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
