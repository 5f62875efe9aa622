import type { LoadedBuffer, LoadedModel } from '../protocol/engine';

type Held = Pick<LoadedModel, 'memory' | 'buffers' | 'completion'>;

/** Bytes that llama.cpp says it holds, of the model and of the second one beside it. */
export function heldMemory({ memory, completion }: Pick<Held, 'memory' | 'completion'>): Held['memory'] {
  return {
    ramBytes: memory.ramBytes + (completion?.memory.ramBytes ?? 0),
    vramBytes: memory.vramBytes + (completion?.memory.vramBytes ?? 0),
  };
}

/** The same by buffer. */
export function heldBuffers({ buffers, completion }: Pick<Held, 'buffers' | 'completion'>): LoadedBuffer[] {
  return [...buffers, ...(completion?.buffers ?? [])];
}
