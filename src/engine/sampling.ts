import type { Sampling } from '../protocol/engine';

/** Where neither the request nor the model's file says anything. */
export const defaultSampling = { temperature: 0.7, topK: 40, topP: 0.95, minP: 0.05 };

export type ResolvedSampling = Omit<Sampling, 'seed' | 'maxTokens'> & {
  /** Absent: another one for each answer. */
  seed?: number;
  /** Absent: as many as the context has room for. */
  maxTokens?: number;
};

/** The request's values, over the file's, over the defaults. */
export function resolveSampling(request: Partial<Sampling>, file: Partial<Sampling>): ResolvedSampling {
  return { ...defaultSampling, ...defined(file), ...defined(request) };
}

/** An `undefined` over JSON-RPC is absent, but a caller in the process may have written it. */
function defined(values: Partial<Sampling>): Partial<Sampling> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
