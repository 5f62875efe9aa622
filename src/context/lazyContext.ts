import { mentionsIn } from '../protocol/mentions';
import type { ContextSources } from './contextSources';
import type { ContextParts } from './createContext';

/** Context by name, loaded when something is first named. */
export function lazyContext(parts: ContextParts): ContextSources {
  let loading: Promise<ContextSources> | undefined;
  const load = () => (loading ??= import('./createContext').then((module) => module.createContext(parts)));
  return {
    offers: async (typed, signal) => (await load()).offers(typed, signal),
    resolve: async (text) =>
      mentionsIn(text).length === 0
        ? { text, attachments: [], problems: [] }
        : await (await load()).resolve(text),
  };
}
