import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ShownFile } from '../../../../src/edit/answerEdits';

/** An answer as a model wrote it, and what must come of it: exactly this, or a refusal. */
export interface CorpusCase {
  name: string;
  /** What the model was shown. */
  shown: ShownFile[];
  answer: string;
  /** By path: the whole text that each changed file must have. */
  texts: Map<string, string>;
  /** By path: new files. */
  created: Map<string, string>;
  /** Why edits are refused, in order. */
  refused: string[];
}

const here = import.meta.dirname;
const languageIds: Readonly<Record<string, string>> = {
  ts: 'typescript',
  js: 'javascript',
  py: 'python',
  go: 'go',
  rs: 'rust',
  java: 'java',
  c: 'c',
  cpp: 'cpp',
  cs: 'csharp',
  php: 'php',
  rb: 'ruby',
  sh: 'shellscript',
  sql: 'sql',
  html: 'html',
  css: 'css',
  md: 'markdown',
};

/** The text of a source file of the corpus. */
export function sourceText(name: string): string {
  return readFileSync(join(here, 'sources', `${name}.txt`), 'utf8');
}

export function languageIdOfName(name: string): string {
  return languageIds[name.split('.').at(-1) ?? ''] ?? 'plaintext';
}

export function sourceNames(): string[] {
  return readdirSync(join(here, 'sources')).map((name) => name.replace(/\.txt$/, ''));
}

/**
 * The corpus: files of cases, in which a line that starts with `%%` says what follows. `case`: a new one; `file`: what
 * was shown, `asked` its lines, from the first that contains one text to the next that is another; `old` and `new`:
 * lines of it and what they become; `create`: a new file; `refused`: why; `answer`: what the model wrote.
 */
export function readCorpus(): CorpusCase[] {
  const folder = join(here, 'answers');
  return readdirSync(folder)
    .sort()
    .flatMap((name) => parse(readFileSync(join(folder, name), 'utf8'), basename(name, '.txt')));
}

function parse(text: string, group: string): CorpusCase[] {
  const [, ...cases] = `\n${text}`.split('\n%% case ');
  return cases.map((each) => {
    const [title = '', ...parts] = each.split('\n%% ');
    return caseFrom(`${group}: ${title.trim()}`, parts);
  });
}

function caseFrom(name: string, parts: readonly string[]): CorpusCase {
  const result: CorpusCase = {
    ...{ name, shown: [], answer: '' },
    ...{ texts: new Map(), created: new Map(), refused: [] },
  };
  let path = '';
  let old = '';
  for (const part of parts) {
    const cut = part.indexOf('\n');
    const [keyword = '', ...rest] = (cut < 0 ? part : part.slice(0, cut)).split(' ');
    const argument = rest.join(' ').trim();
    const body = cut < 0 ? '' : part.slice(cut + 1);
    switch (keyword) {
      case 'file':
        path = argument;
        result.shown.push(shownFile(path));
        break;
      case 'asked':
        result.shown.push({
          ...requireLast(result, name),
          lines: askedLines(requireLast(result, name).text, argument),
        });
        result.shown.splice(-2, 1);
        break;
      case 'in':
        path = argument;
        break;
      case 'old':
        old = body;
        break;
      case 'new':
        result.texts.set(path, replaced(result.texts.get(path) ?? textOf(result, path), old, body, name));
        break;
      case 'create':
        result.created.set(argument, `${body}\n`);
        break;
      case 'refused':
        result.refused.push(...rest);
        break;
      case 'answer':
        result.answer = body.trimEnd();
        break;
      default:
        throw new Error(`${name}: what is ${keyword}?`);
    }
  }
  return result;
}

/** In a folder `src`, as projects have it. */
function shownFile(path: string): ShownFile {
  const name = basename(path);
  return { uri: `file:///project/${path}`, path, languageId: languageIdOfName(name), text: sourceText(name) };
}

function requireLast({ shown }: CorpusCase, name: string): ShownFile {
  const last = shown.at(-1);
  if (last === undefined) throw new Error(`${name}: no file was shown.`);
  return last;
}

function textOf({ shown, name }: CorpusCase, path: string): string {
  const file = shown.find((each) => each.path === path);
  if (file === undefined) throw new Error(`${name}: ${path} was not shown.`);
  return file.text;
}

function askedLines(text: string, argument: string): { start: number; end: number } {
  const [from = '', to = ''] = argument.split(' … ');
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.includes(from));
  const end = lines.findIndex(
    (line, index) => index >= start && line === to.replaceAll('→', '\t').replaceAll('·', ' '),
  );
  if (start < 0 || end < 0) throw new Error(`Nothing lies from "${from}" to "${to}".`);
  return { start, end };
}

function replaced(text: string, old: string, now: string, name: string): string {
  const whole = `\n${text}`;
  const from = `\n${old}\n`;
  const at = whole.indexOf(from);
  if (at < 0 || whole.indexOf(from, at + 1) >= 0) throw new Error(`${name}: not there once:\n${old}`);
  const to = now === '' ? '\n' : `\n${now}\n`;
  return (whole.slice(0, at) + to + whole.slice(at + from.length)).slice(1);
}
