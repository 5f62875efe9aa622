import { rawEntries } from './entries';
import type { GgufHeader } from './model';
import { encodeEntry, encodeHeader } from './writeGguf';

/**
 * The header of a model without its vocabulary, of all parts of a split one together: for arithmetic that wants the
 * vocabulary's length alone, which llama.cpp then takes as so many dummy tokens. It is smaller by a factor of fifty.
 * @param header of the file, as it was read and checked
 */
export function bareHeader(file: string, header: GgufHeader): Buffer {
  const { architecture, vocabularySize } = header;
  const size = `${architecture}.vocab_size`;
  const kept = rawEntries(file, header).filter(({ key }) => key !== size && !isVocabulary(key));
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
