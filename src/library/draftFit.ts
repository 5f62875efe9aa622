import { rawEntries } from '../gguf/entries';
import type { GgufHeader } from '../gguf/model';
import type { PlannedFile } from '../planner/planner';
import type { Translate } from '../translate';

/** llama.cpp's limits for speculation: SPEC_VOCAB_MAX_SIZE_DIFFERENCE and SPEC_VOCAB_CHECK_START_TOKEN_ID. */
const mostMore = 128;
const firstCompared = 5;

/** Of the tokeniser, what has to be the same where both files say it. */
const sameKeys = ['model', 'bos_token_id', 'eos_token_id', 'add_bos_token', 'add_eos_token'];

/**
 * Why a model cannot draft for another, in a sentence; undefined where it can: its tokens have to be those of the
 * other, as llama.cpp compares them. Reads both vocabularies, some megabytes.
 */
export function whyNoDraft(draft: PlannedFile, target: PlannedFile, t: Translate): string | undefined {
  const [size, wanted] = [draft.header.vocabularySize, target.header.vocabularySize];
  if (Math.abs(size - wanted) > mostMore) {
    return t('Its vocabulary has {0} tokens, and that of the chat model {1}.', size, wanted);
  }
  const other = sameKeys.find((key) => differs(draft.header, target.header, `tokenizer.ggml.${key}`));
  if (other !== undefined) {
    return t('Its tokeniser is another one than that of the chat model (tokenizer.ggml.{0} differs).', other);
  }
  const token = firstDifference(vocabulary(draft), vocabulary(target));
  return token === undefined
    ? undefined
    : t('Its vocabulary is another one than that of the chat model: token {0} differs.', token);
}

function differs(a: GgufHeader, b: GgufHeader, key: string): boolean {
  const [left, right] = [a.metadata.get(key), b.metadata.get(key)];
  return left !== undefined && right !== undefined && left !== right;
}

/** The tokens' texts, as bytes. */
function vocabulary({ path, header }: PlannedFile): Buffer[] {
  const raw = rawEntries(path, header).find(({ key }) => key === 'tokenizer.ggml.tokens');
  if (raw === undefined) return [];
  const bytes = Buffer.from(raw.entry);
  // Behind the key: value type, element type and count.
  let position = 8 + Number(bytes.readBigUInt64LE(0)) + 8;
  const count = Number(bytes.readBigUInt64LE(position));
  position += 8;
  return Array.from({ length: count }, () => {
    const start = position + 8;
    position = start + Number(bytes.readBigUInt64LE(position));
    return bytes.subarray(start, position);
  });
}

function firstDifference(a: readonly Buffer[], b: readonly Buffer[]): number | undefined {
  for (let token = firstCompared; token < Math.min(a.length, b.length); token++) {
    if (a[token]?.equals(b[token] ?? Buffer.alloc(0)) !== true) return token;
  }
  return undefined;
}
