import { diffArrays } from 'diff';
import { declaredName } from '../declarations';
import { hasWord } from '../textLines';
import { squeezed } from './passages';

/** The share of the lines with words of one text that another repeats in the same order, 0…1. */
export function sharedLines(lines: readonly string[], others: readonly string[]): number {
  const own = lines.filter(hasWord).map(squeezed);
  if (own.length === 0) return 0;
  const changes = diffArrays(own, others.filter(hasWord).map(squeezed), { maxEditLength: 4000 });
  const shared = (changes ?? []).filter(({ added, removed }) => !added && !removed);
  return shared.reduce((sum, { count }) => sum + count, 0) / own.length;
}

const common = new Set(
  (
    'const let var function return if else for while do switch case break continue new class def end self this then ' +
    'public private protected static final void int string bool boolean char long double float import from export ' +
    'default async await try catch except finally throw raise null nil none true false not and or in is of fn pub ' +
    'mut func type struct interface impl use package echo fi done local select where values into begin the'
  ).split(' '),
);

/** How much of the names of the text that has fewer of them is in the other as well, 0…1. */
export function sharedNames(lines: readonly string[], others: readonly string[]): number {
  const own = namesIn(lines);
  const theirs = namesIn(others);
  const fewer = Math.min(own.size, theirs.size);
  if (fewer === 0) return 0;
  return [...own].filter((name) => theirs.has(name)).length / fewer;
}

function namesIn(lines: readonly string[]): Set<string> {
  const words = lines.join('\n').match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? [];
  return new Set(words.filter((word) => !common.has(word.toLowerCase())));
}

/** Whether one line looks like a new version of another: it sets the same name, leaves alike, or has most of its letters. */
export function isVersionOf(line: string, other: string): boolean {
  const name = declaredName(line);
  if (name !== undefined) return name === declaredName(other);
  const target = assigned(line);
  if (target !== undefined && target === assigned(other)) return true;
  return alikeLetters(squeezed(line), squeezed(other)) >= 0.65;
}

function assigned(line: string): string | undefined {
  const leaves = /^\s*(return|throw|raise)\b/.exec(line)?.[1];
  if (leaves !== undefined) return leaves;
  return /^\s*(?:(?:const|let|var|val|auto|final|mut|local|my)\s+)*([\w.$@[\]]+)\s*(?::\s*[^=]+?)?(?::=|[-+*/]?=)(?!=)/.exec(
    line,
  )?.[1];
}

/** Sørensen and Dice's measure over pairs of letters, 0…1. */
function alikeLetters(a: string, b: string): number {
  if (a.length < 2 || b.length < 2) return a === b ? 1 : 0;
  const counts = new Map<string, number>();
  for (let index = 0; index + 1 < a.length; index++) {
    const pair = a.slice(index, index + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  let both = 0;
  for (let index = 0; index + 1 < b.length; index++) {
    const pair = b.slice(index, index + 2);
    const left = counts.get(pair) ?? 0;
    if (left === 0) continue;
    counts.set(pair, left - 1);
    both++;
  }
  return (2 * both) / (a.length + b.length - 2);
}
