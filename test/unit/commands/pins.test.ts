import { describe, expect, it } from 'vitest';
import { parseNumberInput, pinQuestion, type PinName } from '../../../src/commands/pins';
import { settingRules } from '../../../src/settingsParse';
import { translate } from '../models/translate';

describe('parseNumberInput', () => {
  const bounds = { min: 0, max: 8192 };
  it.each([
    ['', null],
    ['  ', null],
    ['0', 0],
    ['8192', 8192],
    ['8,192', 8192],
    [' 4 096 ', 4096],
  ])('takes %j', (text, value) => {
    expect(parseNumberInput(text, bounds, translate)).toEqual({ kind: 'value', value });
  });

  it.each(['8193', '-1', '1.5', '0x10', '1e3', 'all'])('refuses %j with the range', (text) => {
    expect(parseNumberInput(text, bounds, translate)).toEqual({
      kind: 'problem',
      message: 'Enter a whole number from 0 to 8,192, or nothing.',
    });
  });

  const budget = { min: 0, max: 1024, decimals: true };
  it.each([
    ['11.5', 11.5],
    ['11,5', 11.5],
    ['12', 12],
    ['', null],
  ])('takes %j where there may be decimals', (text, value) => {
    expect(parseNumberInput(text, budget, translate)).toEqual({ kind: 'value', value });
  });

  it.each(['1,024.5', '.5', '1025', '-1', 'NaN'])('refuses %j where there may be decimals', (text) => {
    expect(parseNumberInput(text, budget, translate)).toEqual({
      kind: 'problem',
      message: 'Enter a number from 0 to 1,024, or nothing.',
    });
  });
});

describe('pinQuestion', () => {
  const file = { totalLayers: 81, trainContextSize: 131_072 };
  const names: PinName[] = ['vramBudget', 'gpuLayers', 'contextSize', 'kvCacheType', 'batchSize'];
  const questions = names.map((name) => ({ name, question: pinQuestion(name, file, translate) }));

  it('asks within what the file and the setting allow', () => {
    for (const { name, question } of questions) {
      const rule = settingRules[`load.${name}`];
      if (question.kind === 'choice') {
        expect(rule).toMatchObject({ kind: 'choice', values: [null, ...question.values] });
      } else {
        if (!('min' in rule)) throw new Error(`${name} has no bounds`);
        expect(question.bounds.min, name).toBe(rule.min);
        expect(question.bounds.max, name).toBeLessThanOrEqual(rule.max);
        expect(question.bounds.decimals === true, name).toBe(rule.kind === 'number');
      }
    }
    const maxima = questions.map(({ question }) => question.kind === 'number' && question.bounds.max);
    expect(maxima).toEqual([1024, 81, 131_072, false, 8192]);
  });
});
