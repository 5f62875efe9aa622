import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LoadForm, PlannedEvent } from '../../../src/protocol/webview';
import { L10n } from '../../../webview/l10n';
import { budgetAfterKey, budgetLimits, roundBudget } from '../../../webview/settings/budgetScale';
import { ramInUse, sharesOf, vramInUse } from '../../../webview/settings/memoryParts';
import { parseSettingsEvent } from '../../../webview/settings/parse';
import { PlanAsker } from '../../../webview/settings/planAsker';
import {
  contextText,
  durationText,
  planDetails,
  rateText,
  spokenVerdict,
  verdictSentence,
} from '../../../webview/settings/planWords';
import { gibText, type SettingsKey } from '../../../webview/settings/ui';
import { level, place, plan, quantAdvice } from '../settingsPage/planFixtures';

const gib = 2 ** 30;
const stringsOf = (language: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../media/l10n/settings.${language}.json`, import.meta.url), 'utf8'),
  ) as Record<string, string>;
const strings = stringsOf('en');
const arabicStrings = stringsOf('ar');
const l10n = new L10n<SettingsKey>({ language: 'en', dir: 'ltr', strings });

describe('the bar of a place', () => {
  it('divides it among the plan, what is free and other programs', () => {
    const { parts, usedBytes, end } = sharesOf(
      place(12, 0.5, { weights: 9, kv: 1.5, residual: 0.25 }),
      'other',
    );
    expect(parts.map(({ name, share }) => [name, share])).toEqual([
      ['weights', 0.75],
      ['kv', 0.125],
      ['residual', 0.25 / 12],
      ['free', 0.75 / 12],
      ['other', 0.5 / 12],
    ]);
    expect([usedBytes, end]).toEqual([11.25 * gib, 1]);
  });

  it('stands for what is wanted where that is more, and says where the memory ends', () => {
    const { parts, end, scaleBytes } = sharesOf(place(12, 1, { weights: 15 }), 'other');
    expect(parts.map(({ name }) => name)).toEqual(['weights', 'other']);
    expect([scaleBytes, end]).toEqual([16 * gib, 0.75]);
  });

  it('shows what is in use while nothing is planned', () => {
    const card = (name: string, usedBytes: number | undefined) => ({
      name,
      totalBytes: 8,
      usedBytes,
      source: 's',
    });
    const hardware = { gpus: [card('A', 3), card('B', undefined)], ramTotalBytes: 9, ramAvailableBytes: 4 };
    const view = { ...hardware, physicalCores: undefined };
    expect(vramInUse(view)).toMatchObject({ name: 'A + B', totalBytes: 16, otherBytes: 3 });
    expect(vramInUse({ ...view, gpus: [] })).toBeUndefined();
    expect(sharesOf(ramInUse(view), 'used').parts).toEqual([
      { name: 'free', bytes: 4, share: 4 / 9 },
      { name: 'used', bytes: 5, share: 5 / 9 },
    ]);
    expect(sharesOf(place(0, 0, {}), 'used').parts).toEqual([]);
  });
});

describe('the budget', () => {
  const limits = budgetLimits(11.99);

  it('is set in tenths within the card', () => {
    expect(limits).toEqual({ min: 0, max: 11.9 });
    expect([11.46, 11.54, -1, 20].map((value) => roundBudget(value, limits))).toEqual([11.5, 11.5, 0, 11.9]);
  });

  it.each([
    ['ArrowRight', 5.1],
    ['ArrowUp', 5.1],
    ['ArrowLeft', 4.9],
    ['ArrowDown', 4.9],
    ['PageUp', 6],
    ['PageDown', 4],
    ['Home', 0],
    ['End', 11.9],
    ['Enter', undefined],
  ])('is moved by %s', (key, expected) => {
    expect(budgetAfterKey(key, 5, limits, 'ArrowRight')).toBe(expected);
  });

  it('follows the arrows as they point in a right-to-left page', () => {
    expect(budgetAfterKey('ArrowLeft', 5, limits, 'ArrowLeft')).toBe(5.1);
    expect(budgetAfterKey('ArrowRight', 5, limits, 'ArrowLeft')).toBe(4.9);
  });
});

describe('PlanAsker', () => {
  const form = (gpuLayers: number) => ({ gpuLayers }) as LoadForm;

  it('asks once a frame for the last form, and not again for the same', () => {
    const asked: (number | null)[] = [];
    const frames: (() => void)[] = [];
    const asker = new PlanAsker(
      ({ gpuLayers }) => asked.push(gpuLayers),
      (callback) => frames.push(callback),
    );
    asker.know(form(20));
    asker.want(form(20));
    frames.shift()?.();
    expect(asked).toEqual([]);
    for (const layers of [1, 2, 3]) asker.want(form(layers));
    expect(frames).toHaveLength(1);
    frames.shift()?.();
    asker.want(form(3));
    frames.shift()?.();
    expect(asked).toEqual([3]);
  });
});

describe('the words of a plan', () => {
  it('say where the layers are, and why where it is not simply good', () => {
    expect(verdictSentence(l10n, plan)).toBe('20 of 81 layers on the GPU, the rest in RAM.');
    expect(verdictSentence(l10n, { ...plan, gpuLayers: 81 })).toBe('All 81 layers on the GPU.');
    expect(verdictSentence(l10n, { ...plan, gpuLayers: 0 })).toBe('All 81 layers in RAM.');
    expect(verdictSentence(l10n, { ...plan, verdict: 'tight', reason: 'Why.' })).toBe('Why.');
    expect(spokenVerdict(l10n, plan)).toBe(
      'Fits. 20 of 81 layers on the GPU, the rest in RAM. 1.8 tok/s estimated',
    );
    expect(spokenVerdict(l10n, { ...plan, verdict: 'doesNotFit', reason: 'Why.' })).toBe(
      'Does not fit. Why.',
    );
  });

  it('say what the next layer would take, and how long a request takes', () => {
    const request = 'A typical request takes about 4 min and is read at 112 tok/s, both estimated.';
    const over = 'The next layer would go 0.19 GiB over';
    expect(planDetails(l10n, plan, true)).toEqual([`${over} your budget.`, request]);
    expect(planDetails(l10n, plan, false)).toEqual([`${over} the free VRAM.`, request]);
    expect(planDetails(l10n, { ...plan, nextLayer: { bytes: gib / 2, overBytes: 0 } }, true)).toEqual([
      'One more layer would fit: it takes 0.50 GiB of VRAM.',
      request,
    ]);
    const alone = { ...plan, nextLayer: undefined };
    expect(planDetails(l10n, alone, true)).toEqual([request]);
    const turns = 'Short requests take turns with the conversation:';
    expect(planDetails(l10n, { ...alone, oneSequence: { kind: 'layers', layers: 3 } }, true)).toEqual([
      `${turns} a second context in memory would cost 3 layers on the GPU.`,
      request,
    ]);
    expect(planDetails(l10n, { ...alone, oneSequence: { kind: 'time', slowdown: 0.034 } }, true)[0]).toBe(
      `${turns} with a second context in memory a typical request would take 3 % longer (estimated).`,
    );
    expect(planDetails(l10n, { ...alone, oneSequence: { kind: 'memory', bytes: 2.5 * gib } }, true)[0]).toBe(
      `${turns} there is too little memory for a second context of 2.5 GiB.`,
    );
    expect(planDetails(l10n, { ...plan, verdict: 'doesNotFit' }, true)).toEqual([]);
  });

  it('tell how much the KV cache holds', () => {
    expect(contextText(l10n, plan)).toBe('8,192 tokens');
    expect(contextText(l10n, { ...plan, sequences: 2 })).toBe('2 × 8,192 tokens');
    const arabic = new L10n<SettingsKey>({ language: 'ar', dir: 'rtl', strings: arabicStrings });
    expect(contextText(arabic, { ...plan, sequences: 2 })).toBe('2 × 8,192 رمزًا');
  });

  it('give figures the digits that they are worth', () => {
    expect([0.043, 0.44, 1.83, 29.4].map((rate) => rateText(l10n, rate))).toEqual([
      '0.04',
      '0.4',
      '1.8',
      '29',
    ]);
    expect([4.25, 40.4, 246, 5400].map((time) => durationText(l10n, time))).toEqual([
      '4.3 s',
      '40 s',
      '4 min',
      '1.5 h',
    ]);
    expect([0.05, 9.67, 9.996, 29].map((size) => gibText(l10n, size * gib))).toEqual([
      '0.05',
      '9.67',
      '10.0',
      '29.0',
    ]);
  });
});

describe('parseSettingsEvent', () => {
  const planned: PlannedEvent = {
    kind: 'planned',
    modelPath: '/a.gguf',
    plan,
    quants: quantAdvice([level, { ...level, level: 'Q8_0', path: undefined, mmlu: 65.2 }]),
    checking: false,
  };

  it('takes a plan as it is', () => {
    expect(parseSettingsEvent(structuredClone(planned))).toEqual(planned);
    const onCpu = {
      ...planned,
      plan: { ...plan, vram: undefined, nextLayer: undefined, measuredDecode: undefined },
    };
    expect(parseSettingsEvent(structuredClone(onCpu))).toEqual(onCpu);
  });

  it('shows no plan that lacks its verdict, and none without a file', () => {
    const event = { ...planned, plan: { gpuLayers: 3 }, quants: { rows: [{}, level] } };
    expect(parseSettingsEvent(event)).toMatchObject({ plan: undefined, quants: { rows: [level] } });
    expect(parseSettingsEvent({ kind: 'planned', plan })).toBeUndefined();
  });
});
