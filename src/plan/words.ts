import type { OneSequenceReason, VerdictReason } from './plan';

/** `vscode.l10n.t`, or what stands for it. `{0}`, `{1}` … are filled with the values. */
export type Words = (message: string, ...values: (string | number | boolean)[]) => string;

/** Why the verdict is what it is, in one sentence. */
export function describeReason(reason: VerdictReason, t: Words): string {
  switch (reason.kind) {
    case 'whollyOnGpu':
      return t('All of the model is on the GPU, and {0} of VRAM are left.', gib(reason.vramLeftBytes));
    case 'partlyOnGpu':
      return t(
        '{0} of {1} layers are on the GPU, and the rest takes {2} of RAM.',
        reason.gpuLayers,
        reason.totalLayers,
        gib(reason.ramBytes),
      );
    case 'cpuOnly':
      return describeCpuOnly(reason, t);
    case 'littleRamLeft':
      return t('It fits, but only {0} of RAM are left for other programs.', gib(reason.ramLeftBytes));
    case 'littleVramLeft':
      return t('All of the model is on the GPU, but only {0} of VRAM are left.', gib(reason.vramLeftBytes));
    case 'weightsOverRam':
      return t(
        'The model is larger than the free RAM by {0}, which are read from the disk for every token: about {1} s a token (estimated).',
        gib(reason.overBytes),
        seconds(reason.secondsPerToken),
      );
    case 'contextReduced':
      return t(
        'Only {0} of the {1} tokens of context that were asked for fit.',
        reason.contextSize,
        reason.wanted,
      );
    case 'overBudget':
      return t(
        'It needs {0} of VRAM at least, and {1} may be used.',
        gib(reason.neededBytes),
        gib(reason.budgetBytes),
      );
    case 'overRam':
      return t(
        'It needs {0} of RAM at least, and {1} are free.',
        gib(reason.neededBytes),
        gib(reason.availableBytes),
      );
    case 'cacheTensorTooLarge':
      return t(
        'The context of one layer would take {0} in one piece, and this GPU takes at most {1}: use a smaller context or a smaller type of the KV cache, or keep the layers off the GPU.',
        gib(reason.tensorBytes),
        gib(reason.limitBytes),
      );
    case 'layersWithoutGpu':
      return t(
        'The GPU layers are set to {0}, but there is no GPU in use: all of the model is in RAM and takes {1}.',
        reason.gpuLayers,
        gib(reason.ramBytes),
      );
    case 'cacheNeedsFlashAttention':
      return t('A KV cache of type {0} needs flash attention, which is pinned to off.', reason.kvCacheType);
  }
}

function describeCpuOnly(reason: Extract<VerdictReason, { kind: 'cpuOnly' }>, t: Words): string {
  const ram = gib(reason.ramBytes);
  switch (reason.why) {
    case 'noGpu':
      return t('There is no GPU in use: all of the model is in RAM and takes {0}.', ram);
    case 'pinned':
      return t('No layers are on the GPU, as pinned: the model takes {0} of RAM.', ram);
    case 'budget':
      return t(
        'No layers are on the GPU, which is the quickest within the budget: the model takes {0} of RAM.',
        ram,
      );
  }
}

/** Why there is no second sequence, in one sentence. */
export function describeOneSequence(reason: OneSequenceReason, t: Words): string {
  switch (reason.kind) {
    case 'layers':
      return reason.layers === 1
        ? t(
            'Short requests take turns with the conversation: a second KV cache would cost a layer on the GPU.',
          )
        : t(
            'Short requests take turns with the conversation: a second KV cache would cost {0} layers on the GPU.',
            reason.layers,
          );
    case 'time':
      return t(
        'Short requests take turns with the conversation: with a second KV cache a typical request would take {0} % longer (estimated).',
        Math.round(reason.slowdown * 100),
      );
    case 'memory':
      return t(
        'Short requests take turns with the conversation: there is too little memory for a second KV cache of {0}.',
        gib(reason.bytes),
      );
  }
}

/** Bytes as people read them: GiB with at most one digit, below that MiB. */
export function gib(bytes: number): string {
  const amount = bytes / 2 ** 30;
  return amount < 1 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${String(Number(amount.toFixed(1)))} GiB`;
}

/** Two digits that count. */
export function seconds(value: number): string {
  return value >= 10 ? value.toFixed(0) : String(Number(value.toPrecision(2)));
}
