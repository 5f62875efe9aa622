import * as v from 'valibot';
import type { Memento } from 'vscode';
import type { ToolMemory } from './nativeModels';

const key = 'nativeChat.toolCalling';
/** Models that are remembered; the oldest go. */
const most = 200;
const stored = v.fallback(v.record(v.string(), v.picklist(['own', 'template', 'generic'])), {});

/** Kept by the editor, for all windows. */
export function toolMemory(state: Pick<Memento, 'get' | 'update'>): ToolMemory {
  const all = () => v.parse(stored, state.get(key));
  return {
    get: (model) => all()[model],
    set: (model, value) => {
      const others = Object.entries(all()).filter(([known]) => known !== model);
      void state.update(key, Object.fromEntries([...others, [model, value]].slice(-most)));
    },
  };
}
