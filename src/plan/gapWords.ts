import type { Plan } from './plan';
import type { ModelShape, ShapeGap } from './shape';
import type { Words } from './words';

/** What a plan by formulas leaves out of a model's memory, a sentence each. llama.cpp itself leaves out nothing. */
export function describeGaps(
  { oracle }: Pick<Plan, 'oracle'>,
  { gaps }: Pick<ModelShape, 'gaps'>,
  t: Words,
): string[] {
  return oracle === 'simulated' ? [] : gaps.map((gap) => describeGap(gap, t));
}

function describeGap(gap: ShapeGap, t: Words): string {
  switch (gap) {
    case 'indexCache':
      return t(
        'The formulas leave out what this model’s sparse attention keeps beside the context: it takes more memory.',
      );
    case 'cacheLayout':
      return t(
        'The formulas do not know how this model lays out its context: its memory is a rough estimate.',
      );
    case 'recurrentBatch':
      return t(
        'The formulas leave out what the recurrent layers of this model need for a batch, tens of MiB.',
      );
  }
}
