import type { FimTokens } from '../gguf/fimTokens';
import type { CompleteRequest } from '../protocol/engine';

/**
 * A prompt in the order that models are trained on: repository and other files, then prefix, suffix, middle. What
 * changes as one types comes after what stays, so that the KV cache keeps its beginning.
 * @param tokenize of plain text, without special tokens and without a space put before it
 * @param begin what the vocabulary has each text begin with
 */
export function fimPrompt<Token extends number>(
  { prefix, suffix, path, files, repository }: CompleteRequest,
  fim: FimTokens,
  tokenize: (text: string) => readonly Token[],
  begin: readonly Token[],
): Token[] {
  const special = (id: number) => id as Token;
  return [
    ...begin,
    ...others(),
    special(fim.prefix),
    ...tokenize(prefix),
    special(fim.suffix),
    ...tokenize(suffix),
    special(fim.middle),
  ];

  function others(): Token[] {
    const { separator } = fim;
    if (separator === undefined || files.length === 0) return [];
    const name =
      repository === undefined || fim.repository === undefined
        ? []
        : [special(fim.repository), ...tokenize(`${repository}\n`)];
    const parts = files.flatMap((file) => [
      special(separator),
      ...tokenize(`${file.path}\n${file.text}${file.text.endsWith('\n') ? '' : '\n'}`),
    ]);
    return [...name, ...parts, special(separator), ...tokenize(`${path}\n`)];
  }
}
