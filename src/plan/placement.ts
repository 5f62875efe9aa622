import type { LayerShape, ModelShape } from './shape';

/** The layers that one place computes, summed: what a rate is predicted from. */
export interface PlaceLoad {
  /** Weights that every token reads, bytes. The output's are apart: a prompt needs it for the last token only. */
  readonly denseBytes: number;
  readonly outputBytes: number;
  /** Experts, all of them, bytes. */
  readonly expertBytes: number;
  /** Multiply-adds a token, without the output. */
  readonly multiplyAdds: number;
  readonly outputMultiplyAdds: number;
  /** Layers whose attention runs here, by the tokens that their KV cache keeps. */
  readonly attention: readonly AttentionGroup[];
}

/** Layers with the same window. */
export interface AttentionGroup {
  /** Tokens; Infinity without a sliding window. */
  readonly window: number;
  readonly layers: number;
  /** Values of keys and values a token, all layers of the group. */
  readonly values: number;
}

/**
 * Which place computes what. llama.cpp offloads from the end: the output first, then the last blocks.
 * @param cpuExpertLayers experts of so many first blocks stay on the CPU (llama.cpp's --n-cpu-moe)
 */
export function placeLayers(
  shape: ModelShape,
  gpuLayers: number,
  cpuExpertLayers = 0,
): { gpu: PlaceLoad; cpu: PlaceLoad } {
  const gpu = new Summing();
  const cpu = new Summing();
  const firstOnGpu = shape.layers.length - gpuLayers;
  shape.layers.forEach((layer, index) => {
    const place = index >= firstOnGpu ? gpu : cpu;
    const expertPlace = index < cpuExpertLayers ? cpu : place;
    if (index === shape.layers.length - 1) place.addOutput(layer);
    else addBlock(layer, usedShare(shape), place, expertPlace);
  });
  return { gpu, cpu };
}

/** Share of the experts that one token reads; 1 in a dense model. */
export function usedShare(shape: ModelShape): number {
  return shape.experts.count > 0 ? shape.experts.used / shape.experts.count : 1;
}

class Summing implements PlaceLoad {
  denseBytes = 0;
  outputBytes = 0;
  expertBytes = 0;
  multiplyAdds = 0;
  outputMultiplyAdds = 0;
  readonly attention: { window: number; layers: number; values: number }[] = [];

  addOutput(layer: LayerShape): void {
    this.outputBytes += layer.weightBytes;
    this.outputMultiplyAdds += layer.multiplyAdds;
  }

  addAttention(layer: LayerShape): void {
    const values = layer.keyValues + layer.valueValues;
    if (values === 0) return;
    const window = layer.window ?? Infinity;
    const group = this.attention.find((known) => known.window === window);
    if (group === undefined) this.attention.push({ window, layers: 1, values });
    else {
      group.layers++;
      group.values += values;
    }
  }
}

function addBlock(layer: LayerShape, share: number, place: Summing, expertPlace: Summing): void {
  place.denseBytes += layer.weightBytes;
  expertPlace.expertBytes += layer.expertBytes;
  place.addAttention(layer);
  // A header tells a layer's multiply-adds as one; used bytes divide them well enough.
  const used = layer.expertBytes * share;
  const expertPart = used > 0 ? used / (used + layer.weightBytes) : 0;
  place.multiplyAdds += layer.multiplyAdds * (1 - expertPart);
  expertPlace.multiplyAdds += layer.multiplyAdds * expertPart;
}
