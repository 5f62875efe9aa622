import { GgufError } from './ggufError';
import { limits } from './limits';

/** More than this many steps a token mean a vocabulary built to make the search slow. */
const maxStepsPerToken = 64;

/**
 * Refuses a vocabulary with two equal entries: llama.cpp aborts on it. Empty entries may repeat, llama.cpp
 * renames them. Memory: 8 to 16 bytes a token, whatever their length.
 * @param start where the first string (its length) stands; all `length` strings are known to be in `bytes`
 */
export function checkVocabulary(bytes: Uint8Array, start: number, length: number): void {
  if (length > limits.vocabulary) {
    throw new GgufError('modelMalformed', `the vocabulary claims ${length} entries`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mask = 2 ** Math.ceil(Math.log2(length * 2 + 2)) - 1;
  // Positions of entries by hash, plus one; zero is free.
  const slots = new Uint32Array(mask + 1);
  let steps = length * maxStepsPerToken;
  let position = start;
  for (let i = 0; i < length; i++) {
    const size = view.getUint32(position, true);
    const entry = position;
    position += 8 + size;
    if (size === 0) continue;
    let slot = hash(bytes, entry + 8, size) & mask;
    for (;;) {
      const other = slots[slot] ?? 0;
      if (other === 0) break;
      if (equal(bytes, view, entry, other - 1, size)) {
        const token = new TextDecoder().decode(bytes.subarray(entry + 8, entry + 8 + Math.min(size, 64)));
        throw new GgufError(
          'modelMalformed',
          `the vocabulary holds ${JSON.stringify(token)} twice, the second time as token ${i}`,
        );
      }
      if (--steps < 0) throw new GgufError('modelMalformed', 'the vocabulary is built to collide');
      slot = (slot + 1) & mask;
    }
    slots[slot] = entry + 1;
  }
}

/** FNV-1a with a last mixing step, since only the low bits pick the slot. */
function hash(bytes: Uint8Array, start: number, size: number): number {
  let value = 0x811c9dc5;
  for (let i = start; i < start + size; i++) value = Math.imul(value ^ (bytes[i] ?? 0), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return value ^ (value >>> 13);
}

function equal(bytes: Uint8Array, view: DataView, entry: number, other: number, size: number): boolean {
  if (view.getUint32(other, true) !== size) return false;
  for (let i = 8; i < size + 8; i++) if (bytes[entry + i] !== bytes[other + i]) return false;
  return true;
}
