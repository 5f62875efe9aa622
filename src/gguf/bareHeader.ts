import { closeSync, openSync, readSync } from 'node:fs';
import { Cursor } from './cursor';
import { limits } from './limits';
import type { GgufHeader } from './model';
import { readValue } from './values';
import { encodeEntry, encodeHeader } from './writeGguf';

/**
 * The header of a model without its vocabulary, of all parts of a split one together: for arithmetic that wants the
 * vocabulary's length alone, which llama.cpp then takes as so many dummy tokens. It is smaller by a factor of fifty.
 * Reads synchronously: a thread pool that decodes has no turn for it.
 * @param header of the file, as it was read and checked
 */
export function bareHeader(file: string, header: GgufHeader): Buffer {
  const bytes = firstBytes(file, header.dataOffset);
  const { architecture, vocabularySize } = header;
  const size = `${architecture}.vocab_size`;
  const kept = entriesOf(bytes, header).filter(({ key }) => key !== size && !isVocabulary(key));
  return encodeHeader(
    [
      ...kept.map(({ entry }) => entry),
      encodeEntry('tokenizer.ggml.model', { type: 'string', value: 'none' }),
      encodeEntry(size, { type: 'uint32', value: vocabularySize }),
    ],
    header.tensors,
  ).bytes;
}

/** Also what would send the reader to other parts. A number of token types is part of a model's shape. */
function isVocabulary(key: string): boolean {
  if (key === 'tokenizer.ggml.token_type_count') return false;
  return key.startsWith('tokenizer.') || key.startsWith('split.') || key === 'general.alignment';
}

/** Each entry with its key, as it stands in the file. */
function entriesOf(bytes: Uint8Array, { fileSize }: GgufHeader): { key: string; entry: Uint8Array }[] {
  const cursor = new Cursor(bytes, fileSize);
  // Magic, version and the number of tensors.
  cursor.take(16);
  return Array.from({ length: cursor.count() }, () => {
    const start = cursor.position;
    const key = cursor.string(limits.keyBytes, 'a key');
    readValue(cursor, key);
    return { key, entry: bytes.subarray(start, cursor.position) };
  });
}

function firstBytes(file: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  try {
    let filled = 0;
    let read = -1;
    while (filled < length && read !== 0) {
      read = readSync(handle, bytes, filled, length - filled, filled);
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(handle);
  }
}
