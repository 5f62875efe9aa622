import type { SettingKey, SettingTypes } from '../contributions';
import type { Sampling, Thinking } from '../protocol/engine';

/** Reads one effective setting. */
export type ReadSetting = <K extends SettingKey>(key: K) => SettingTypes[K];

/** The person's sampling settings; what they left empty is absent, and comes from the model's file. */
export function samplingOf(read: ReadSetting): Partial<Sampling> {
  const sampling: Partial<Sampling> = { maxTokens: read('sampling.maxTokens') };
  for (const name of ['temperature', 'topK', 'topP', 'minP', 'seed'] as const) {
    const value = read(`sampling.${name}`);
    if (value !== null) sampling[name] = value;
  }
  return sampling;
}

export function thinkingOf(read: ReadSetting): Thinking {
  const mode = read('chat.thinking');
  return mode === 'budget' ? { mode, tokens: read('chat.thinkingBudget') } : { mode };
}
