import { expect, it } from 'vitest';
import { parseQuantizeArguments } from '../../../src/quantize/quantizeArguments';
import { tensorBegun } from '../../../src/quantize/tensorLog';

it('reads the tensor that is begun from the first piece of its line alone', () => {
  const piece =
    '[   3/ 272] blk.0.attn_k.weight                  - [   576,    192,      1,      1], type =   q4_1, ';
  expect(tensorBegun(piece)).toEqual({ kind: 'tensor', index: 3, count: 272, name: 'blk.0.attn_k.weight' });
  expect(tensorBegun('converting to q8_0 .. ')).toBeUndefined();
  expect(tensorBegun('size =     0.12 MiB\n')).toBeUndefined();
});

it('reads what is to be written, and refuses what is not whole', () => {
  const whole = ['write', '--model', 'a.gguf', '--level', 'Q4_0', '--to', 'b', '--threads', '2'];
  expect(parseQuantizeArguments(whole)).toEqual({
    ...{ kind: 'write', modelPath: 'a.gguf', level: 'Q4_0', to: 'b', threads: 2 },
  });
  expect(() => parseQuantizeArguments(whole.slice(0, -2))).toThrow('--threads is missing');
  expect(() => parseQuantizeArguments([...whole.slice(0, -1), '0'])).toThrow('0 is no number of threads');
  expect(() => parseQuantizeArguments(['erase'])).toThrow('"erase" is no command');
});
