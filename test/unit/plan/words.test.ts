import { describe, expect, it } from 'vitest';
import type { OneSequenceReason, VerdictReason } from '../../../src/plan/plan';
import { describeOneSequence, describeReason } from '../../../src/plan/words';
import { translate } from '../models/translate';
import { GiB, MiB } from './fixtures';

const sentences: [VerdictReason, string][] = [
  [
    { kind: 'whollyOnGpu', vramLeftBytes: 300 * MiB },
    'All of the model is on the GPU, and 300 MiB of VRAM are left.',
  ],
  [
    { kind: 'partlyOnGpu', gpuLayers: 20, totalLayers: 81, ramBytes: 29 * GiB },
    '20 of 81 layers are on the GPU, and the rest takes 29 GiB of RAM.',
  ],
  [
    { kind: 'cpuOnly', ramBytes: 4.5 * GiB, why: 'noGpu' },
    'There is no GPU in use: all of the model is in RAM and takes 4.5 GiB.',
  ],
  [
    { kind: 'cpuOnly', ramBytes: 4.5 * GiB, why: 'pinned' },
    'No layers are on the GPU, as pinned: the model takes 4.5 GiB of RAM.',
  ],
  [
    { kind: 'littleRamLeft', ramLeftBytes: GiB },
    'It fits, but only 1 GiB of RAM are left for other programs.',
  ],
  [
    { kind: 'contextReduced', contextSize: 4096, wanted: 8192 },
    'Only 4096 of the 8192 tokens of context that were asked for fit.',
  ],
  [
    { kind: 'overBudget', neededBytes: 2 * GiB, budgetBytes: GiB },
    'It needs 2 GiB of VRAM at least, and 1 GiB may be used.',
  ],
  [
    { kind: 'cacheTensorTooLarge', tensorBytes: 256 * MiB, limitBytes: 128 * MiB },
    'The context of one layer would take 256 MiB in one piece, and this GPU takes at most 128 MiB: use a smaller context or a smaller type of the KV cache, or keep the layers off the GPU.',
  ],
  [
    { kind: 'overRam', neededBytes: 40 * GiB, availableBytes: 24 * GiB },
    'It needs 40 GiB of RAM at least, and 24 GiB are free.',
  ],
  [
    { kind: 'cacheNeedsFlashAttention', kvCacheType: 'q8_0' },
    'A KV cache of type q8_0 needs flash attention, which is pinned to off.',
  ],
  [
    { kind: 'layersWithoutGpu', gpuLayers: 5, ramBytes: 6 * GiB },
    'The GPU layers are set to 5, but there is no GPU in use: all of the model is in RAM and takes 6 GiB.',
  ],
];

describe('the reason of a verdict', () => {
  it.each(sentences)('is one sentence: %o', (reason, sentence) => {
    expect(describeReason(reason, translate)).toBe(sentence);
  });
});

const turns = 'Short requests take turns with the conversation: ';
const shared: [OneSequenceReason, string][] = [
  [{ kind: 'layers', layers: 1 }, 'a second KV cache would cost a layer on the GPU.'],
  [{ kind: 'layers', layers: 3 }, 'a second KV cache would cost 3 layers on the GPU.'],
  [
    { kind: 'time', slowdown: 0.034 },
    'with a second KV cache a typical request would take 3 % longer (estimated).',
  ],
  [{ kind: 'memory', bytes: 2.5 * GiB }, 'there is too little memory for a second KV cache of 2.5 GiB.'],
];

describe('the reason for one sequence', () => {
  it.each(shared)('is one sentence: %o', (reason, sentence) => {
    expect(describeOneSequence(reason, translate)).toBe(turns + sentence);
  });
});
