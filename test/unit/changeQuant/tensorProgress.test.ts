import { expect, it } from 'vitest';
import { describeLevelProgress } from '../../../src/changeQuant/levelWords';
import { TensorProgress } from '../../../src/changeQuant/tensorProgress';
import type { GgufTensor } from '../../../src/gguf/tensors';
import { translate } from '../models/translate';

const tensor = (name: string, elements: number): GgufTensor => ({
  ...{ name, elements, dimensions: [elements], type: 'F16', bytes: elements * 2, offset: 0, part: 0 },
});

it('is told in weights, with the time left once the pace is known', () => {
  let now = 0;
  const progress = new TensorProgress([tensor('a', 200), tensor('b', 700), tensor('c', 100)], () => now);
  const begin = (index: number, name: string) => progress.begin({ kind: 'tensor', index, count: 3, name });
  expect(begin(1, 'b')).toEqual({ fraction: 0, index: 1, count: 3, secondsLeft: undefined });
  now = 70_000;
  const second = begin(2, 'a');
  expect(second).toMatchObject({ fraction: 0.7, index: 2, count: 3 });
  expect(second.secondsLeft).toBeCloseTo(30);
  expect(describeLevelProgress(second, translate)).toBe('70 %, tensor 2 of 3, 30 s left (estimated)');
  now = 90_000;
  const third = begin(3, 'c');
  expect(third.fraction).toBeCloseTo(0.9);
  expect(third.secondsLeft).toBeCloseTo(10);
});
