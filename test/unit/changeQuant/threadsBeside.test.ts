import { expect, it } from 'vitest';
import { threadsBeside } from '../../../src/changeQuant/threadsBeside';

it('leaves half of the cores to a loaded model', () => {
  expect(threadsBeside(false, 8)).toBe(8);
  expect(threadsBeside(true, 8)).toBe(4);
  expect(threadsBeside(true, 1)).toBe(1);
});
