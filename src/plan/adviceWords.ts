import type { Advice, AdviceChange, QuantQuality } from './advice';
import type { PlanRequest } from './plan';
import { gib, seconds, type Words } from './words';

/** An advice in two sentences: what to change, and what it is predicted to bring. */
export function describeAdvice(advice: Advice, t: Words): string {
  return `${describeChange(advice.change, t)} ${describeEffect(advice, t)}`;
}

function describeChange(change: AdviceChange, t: Words): string {
  switch (change.kind) {
    case 'unpin':
      return t(
        'Let Layercake solve {0} instead of keeping it at {1}.',
        pinInWords(change.pin, t),
        change.value,
      );
    case 'raiseBudget':
      return t('Raise the VRAM budget to the {0} that are free.', gib(change.bytes));
    case 'freeRam':
      return t('Close programs that hold {0} of RAM.', gib(change.bytes));
    case 'smallerQuant':
      return [
        change.warns
          ? t('Use the level {0} of this model, though answers get visibly worse with it.', change.name)
          : t('Use the level {0} of this model.', change.name),
        ...(change.quality === undefined ? [] : [describeQuality(change.quality, t)]),
      ].join(' ');
    case 'smallerModel':
      return change.mmlu === undefined
        ? t('Use {0}, which is on the GPU as a whole.', change.name)
        : t(
            'Use {0}, which is on the GPU as a whole: at such sizes and levels, Llama 3 answered {1} % of MMLU instead of {2} %.',
            change.name,
            change.mmlu.small.toFixed(1),
            change.mmlu.big.toFixed(1),
          );
    case 'expertsOnCpu':
      return t(
        'In llama.cpp itself, --n-cpu-moe {0} keeps the experts of {0} layers in RAM and all else on the GPU: {1} of VRAM and {2} of RAM.',
        change.layers,
        gib(change.vramBytes),
        gib(change.ramBytes),
      );
    case 'moreRam':
      return t('Have {0} of RAM.', gib(change.bytes));
    case 'moreVram':
      return t('Have a card with {0} of VRAM, as quick as this one.', gib(change.bytes));
  }
}

/** What a level cost, as published of one model, in one sentence. */
export function describeQuality({ table, of, instead }: QuantQuality, t: Words): string {
  const { metric, model } = table;
  if (metric === 'mmlu') {
    return instead === undefined
      ? t('At that level, {0} answered {1} % of MMLU.', model, of.toFixed(1))
      : t(
          'At that level, {0} answered {1} % of MMLU instead of {2} %.',
          model,
          of.toFixed(1),
          instead.toFixed(1),
        );
  }
  return instead === undefined
    ? t('At that level, the perplexity of {0} is {1} % above the unquantised one’s.', model, of.toFixed(1))
    : t(
        'At that level, the perplexity of {0} is {1} % above the unquantised one’s instead of {2} %.',
        model,
        of.toFixed(1),
        instead.toFixed(1),
      );
}

function pinInWords(pin: keyof PlanRequest['pins'], t: Words): string {
  switch (pin) {
    case 'gpuLayers':
      return t('the GPU layers');
    case 'contextSize':
      return t('the context');
    case 'batchSize':
      return t('the batch');
    case 'kvCacheType':
      return t('the type of the KV cache');
    case 'flashAttention':
      return t('flash attention');
    case 'sequences':
      return t('the number of KV caches');
    case 'mmap':
      return t('the mapping of the file');
    case 'threads':
      return t('the threads');
  }
}

function describeEffect({ effect: { decode, requestSeconds } }: Advice, t: Words): string {
  // What does not fit has no rate to compare with.
  if (!Number.isFinite(requestSeconds.from)) {
    return t(
      'Estimated: {0} tok/s, and {1} s for a typical request.',
      seconds(decode.to),
      seconds(requestSeconds.to),
    );
  }
  return t(
    'Estimated: {0} tok/s instead of {1}, and {2} s instead of {3} for a typical request.',
    seconds(decode.to),
    seconds(decode.from),
    seconds(requestSeconds.to),
    seconds(requestSeconds.from),
  );
}
