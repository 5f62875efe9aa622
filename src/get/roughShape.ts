import type { LayerShape, ModelShape } from '../plan/shape';
import type { ModelFacts } from './curated';

/**
 * The shape of a model that is known by its facts alone, at one byte a parameter; levels scale it. Norms, biases and
 * routers are left out: they are a thousandth of it.
 */
export function roughShape(name: string, facts: ModelFacts): ModelShape {
  const { blocks, width, vocabulary, experts, tied = false, context } = facts;
  const embedding = vocabulary * width;
  const layers = [
    ...Array.from({ length: blocks }, (_, block) => blockShape(facts, block)),
    {
      ...{ weightBytes: embedding, expertBytes: 0, largestTensorBytes: embedding, multiplyAdds: embedding },
      ...{ keyValues: 0, valueValues: 0, window: undefined, stateBytes: 0 },
    },
  ];
  const inBlocks = layers
    .slice(0, -1)
    .reduce((sum, { weightBytes, expertBytes }) => sum + weightBytes + expertBytes, 0);
  return {
    ...{ name, architecture: '', quant: '', layers, tiedOutput: tied },
    parameters: inBlocks + embedding * (tied ? 1 : 2),
    totalLayers: blocks + 1,
    trainContext: context,
    vocabularySize: vocabulary,
    embeddingLength: width,
    headCount: facts.heads,
    inputBytes: embedding,
    feedForwardLength: Math.max(facts.feedForward, (experts?.width ?? 0) * (experts?.used ?? 0)),
    experts: { count: experts?.count ?? 0, used: experts?.used ?? 0 },
    // The usual levels are of types that are; the others are planned for too carefully.
    repackedBytes: inBlocks + embedding,
    gaps: [],
  };
}

function blockShape(facts: ModelFacts, block: number): LayerShape {
  const { width, heads, kvHeads, headWidth, feedForward, experts } = facts;
  const attention = 2 * width * headWidth * (heads + kvHeads);
  const dense = 3 * width * feedForward;
  const expert = 3 * width * (experts?.width ?? 0);
  const [count, used] = [experts?.count ?? 0, experts?.used ?? 0];
  return {
    weightBytes: attention + dense,
    expertBytes: expert * count,
    largestTensorBytes: Math.max(width * feedForward, (expert / 3) * count, width * headWidth * heads),
    multiplyAdds: attention + dense + expert * used,
    keyValues: kvHeads * headWidth,
    valueValues: kvHeads * headWidth,
    window: block % 2 === 0 ? facts.window : undefined,
    stateBytes: 0,
  };
}
