/** Which texts have to do with a question: by the words that they share (BM25), rare words counting more. */

/** Saturation and length normalisation, the usual values. */
const saturation = 1.2;
const normalisation = 0.75;

/** Say nothing of what a question is about. */
const empty = new Set(
  'a an and are as at be but by can do does for from has have how i if in into is it its me my not of on or our please so that the their then there this to was we what when where which why will with you your'.split(
    ' ',
  ),
);

/** Words of a text in lower case: whole names, and the parts that "camelCase" and "snake_case" are made of. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [name] of text.matchAll(/[\p{L}\p{N}_$]+/gu)) {
    const parts = name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|[^\p{L}\p{N}_$]+|\p{Lo}+/gu) ?? [];
    const all = parts.length > 1 ? [name, ...parts] : [name];
    for (const each of all) {
      const word = each.toLowerCase();
      if (word.length > 1 && !empty.has(word)) words.push(word);
    }
  }
  return words;
}

/** A score for each text, 0 where it shares no word with the question. */
export function relevanceOf(question: string, texts: readonly string[]): number[] {
  const asked = [...new Set(wordsOf(question))];
  const counted = texts.map((text) => {
    const counts = new Map<string, number>();
    const words = wordsOf(text);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { counts, length: words.length };
  });
  const average = counted.reduce((sum, { length }) => sum + length, 0) / Math.max(1, counted.length);
  const rarity = new Map(
    asked.map((word) => {
      const holding = counted.filter(({ counts }) => counts.has(word)).length;
      return [word, Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5))] as const;
    }),
  );
  return counted.map(({ counts, length }) =>
    asked.reduce((sum, word) => {
      const count = counts.get(word) ?? 0;
      const long = 1 - normalisation + (normalisation * length) / Math.max(1, average);
      const gain = (count * (saturation + 1)) / (count + saturation * long);
      return count === 0 ? sum : sum + (rarity.get(word) ?? 0) * gain;
    }, 0),
  );
}
