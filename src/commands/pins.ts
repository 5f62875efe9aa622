import { kvCacheTypes, type KvCacheType } from '../protocol/engine';
import type { LoadForm } from '../protocol/webview';
import { formatCount } from '../status/format';
import type { Translate } from '../translate';

/** Variables of the plan that a list lets a person pin. */
export type PinName = 'vramBudget' | 'gpuLayers' | 'contextSize' | 'kvCacheType' | 'batchSize';
/** null: solved. */
export type PinValue = LoadForm[PinName];

/** Inclusive. */
export interface NumberBounds {
  min: number;
  max: number;
  /** Whether it may have decimals. */
  decimals?: boolean;
}

export type PinQuestion =
  | { kind: 'number'; title: string; prompt: string; bounds: NumberBounds }
  | { kind: 'choice'; title: string; values: readonly KvCacheType[] };

/** How a person is asked for a value, within what the file allows. */
export function pinQuestion(
  name: PinName,
  { totalLayers, trainContextSize }: { totalLayers: number; trainContextSize: number },
  t: Translate,
): PinQuestion {
  switch (name) {
    case 'vramBudget':
      return {
        kind: 'number',
        title: t('VRAM budget'),
        prompt: t('GiB of VRAM that all of it may take. Empty: what is free.'),
        bounds: { min: 0, max: 1024, decimals: true },
      };
    case 'gpuLayers':
      return {
        kind: 'number',
        title: t('GPU layers'),
        prompt: t(
          'Layers on the graphics card, 0 to {0} for this file. Empty: as the plan finds quickest.',
          totalLayers,
        ),
        bounds: { min: 0, max: totalLayers },
      };
    case 'contextSize':
      return {
        kind: 'number',
        title: t('Context size'),
        prompt: t(
          'Tokens, {0} to {1} for this file. Empty: what it was trained for, at most 8,192.',
          256,
          trainContextSize,
        ),
        bounds: { min: 256, max: Math.max(256, trainContextSize) },
      };
    case 'batchSize':
      return {
        kind: 'number',
        title: t('Batch'),
        prompt: t('Tokens of a prompt evaluated in one step. Empty: as the plan finds quickest.'),
        bounds: { min: 16, max: 8192 },
      };
    case 'kvCacheType':
      return { kind: 'choice', title: t('KV cache'), values: kvCacheTypes };
  }
}

/** What was typed into a box for a number; nothing is null, solved. */
export function parseNumberInput(
  text: string,
  { min, max, decimals = false }: NumberBounds,
  t: Translate,
): { kind: 'value'; value: number | null } | { kind: 'problem'; message: string } {
  const typed = text.trim().replace(/[\s_']/g, '');
  // Where there are no decimals a comma parts thousands.
  const digits = decimals ? typed.replace(',', '.') : typed.replaceAll(',', '');
  if (digits === '') return { kind: 'value', value: null };
  const value = Number(digits);
  const isNumber = decimals ? /^\d+(\.\d+)?$/ : /^\d+$/;
  if (isNumber.test(digits) && value >= min && value <= max) return { kind: 'value', value };
  const range = [formatCount(min), formatCount(max)] as const;
  return {
    kind: 'problem',
    message: decimals
      ? t('Enter a number from {0} to {1}, or nothing.', ...range)
      : t('Enter a whole number from {0} to {1}, or nothing.', ...range),
  };
}
