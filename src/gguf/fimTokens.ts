import type { Metadata } from './metadata';

/** Ids of the tokens between which a model fills in. */
export interface FimTokens {
  readonly prefix: number;
  readonly suffix: number;
  readonly middle: number;
  /** Before a repository's name. */
  readonly repository?: number;
  /** Before each file's name and text. */
  readonly separator?: number;
}

type Role = keyof FimTokens;

/** What llama.cpp takes for them (llama-vocab.cpp) where a file's metadata do not say; StarCoder2's last two besides. */
const knownNames: Readonly<Record<Role, readonly string[]>> = {
  prefix: [
    ...['<|fim_prefix|>', '<fim-prefix>', '<fim_prefix>', '<｜fim▁begin｜>', '<PRE>', '▁<PRE>'],
    ...['<|code_prefix|>', '<|prefix|>'],
  ],
  suffix: [
    ...['<|fim_suffix|>', '<fim-suffix>', '<fim_suffix>', '<｜fim▁hole｜>', '<SUF>', '▁<SUF>'],
    ...['<|code_suffix|>', '<|suffix|>'],
  ],
  middle: [
    ...['<|fim_middle|>', '<fim-middle>', '<fim_middle>', '<｜fim▁end｜>', '<MID>', '▁<MID>'],
    ...['<|code_middle|>', '<|middle|>'],
  ],
  repository: ['<|fim_repo|>', '<|repo_name|>', '<fim-repo>', '<REPO>', '<reponame>', '<repo_name>'],
  separator: ['<|file_sep|>', '<file_sep>'],
};

const keys: Readonly<Record<Role, readonly string[]>> = {
  prefix: ['tokenizer.ggml.fim_pre_token_id', 'tokenizer.ggml.prefix_token_id'],
  suffix: ['tokenizer.ggml.fim_suf_token_id', 'tokenizer.ggml.suffix_token_id'],
  middle: ['tokenizer.ggml.fim_mid_token_id', 'tokenizer.ggml.middle_token_id'],
  repository: ['tokenizer.ggml.fim_rep_token_id'],
  separator: ['tokenizer.ggml.fim_sep_token_id'],
};

/** Ids by role, as far as a vocabulary has entries of known names. */
export type NamedFimTokens = Readonly<Partial<Record<Role, number>>>;

const roles = Object.keys(knownNames) as Role[];
const names = roles.flatMap((role) =>
  knownNames[role].map((name) => ({ role, bytes: new TextEncoder().encode(name) })),
);
/** By length in bytes: most entries of a vocabulary are passed by without a look at their letters. */
const namesByLength: ReadonlyMap<number, typeof names> = new Map(
  names.map(({ bytes: { length } }) => [length, names.filter(({ bytes }) => bytes.length === length)]),
);

/**
 * Finds the entries of known names in a vocabulary.
 * @param start where the first string (its length) stands; all `length` strings are known to be in `bytes`
 */
export function findFimTokens(bytes: Uint8Array, start: number, length: number): NamedFimTokens {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Partial<Record<Role, number>> = {};
  let position = start;
  for (let id = 0; id < length; id++) {
    const size = view.getUint32(position, true);
    const entry = position + 8;
    position = entry + size;
    const name = namesByLength.get(size)?.find((known) => isAt(bytes, entry, known.bytes));
    if (name !== undefined) found[name.role] ??= id;
  }
  return found;
}

function isAt(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  return expected.every((byte, index) => bytes[start + index] === byte);
}

/** What the metadata say, over the known names; undefined where the model cannot fill in. */
export function fimTokensOf(
  metadata: Metadata,
  named: NamedFimTokens,
  vocabularySize: number,
): FimTokens | undefined {
  const id = (role: Role): number | undefined => {
    const said = keys[role].map((key) => metadata.number(key)).find((value) => value !== undefined);
    const isOne = said !== undefined && Number.isInteger(said) && said >= 0 && said < vocabularySize;
    return isOne ? said : named[role];
  };
  const [prefix, suffix, middle] = [id('prefix'), id('suffix'), id('middle')];
  if (prefix === undefined || suffix === undefined || middle === undefined) return undefined;
  const [repository, separator] = [id('repository'), id('separator')];
  return {
    ...{ prefix, suffix, middle },
    ...(repository !== undefined && { repository }),
    ...(separator !== undefined && { separator }),
  };
}
