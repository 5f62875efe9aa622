import { hasLeftOutMark } from '../context/leftOutMark';
import { isBalanced } from './answer/brackets';
import { isElision } from './answer/elisions';
import { growingEdits } from './answer/growingCode';
import { fileOfPath, isSafeNewPath } from './answer/fileNames';
import { editText } from './answer/fileText';
import { sharedLines } from './answer/likeness';
import { passageEdits } from './answer/passageEdits';
import { squeezed } from './answer/passages';
import { isSearchReplace, type PassageEdit } from './answer/searchReplace';
import { isDiff } from './answer/unifiedDiff';
import { languageFits, wantedEdits, type WantedEdit } from './answer/wantedEdits';
import type { Placement, Region } from './answer/placement';
import { placeWhole } from './answer/wholeCode';
import type { LineEdit } from './lineEdit';
import type { AskedLines } from './askedLines';
import { isBlank, parseLines } from './textLines';

/** A file that a model was shown, as it was then. */
export interface ShownFile {
  readonly uri: string;
  /** Workspace-relative, as the model read it. */
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
  /** The lines that were asked about; absent: the file as a whole. */
  readonly lines?: AskedLines;
}

export interface FileChange {
  /** Absent: a new file. */
  readonly uri?: string;
  readonly path: string;
  /** The text that the change was made from; '' for a new file. */
  readonly original: string;
  readonly proposed: string;
}

export interface RefusedEdit {
  readonly path?: string;
  readonly why: 'notFound' | 'ambiguous' | 'unclear' | 'overlaps' | 'unknownFile' | 'noCode' | 'unchanged';
  /** What the model wrote; '' where it wrote no code. */
  readonly code: string;
}

export interface AnswerEdits {
  /** One a file. Empty: nothing of the answer could be applied. */
  readonly changes: readonly FileChange[];
  readonly refused: readonly RefusedEdit[];
}

/**
 * What an answer changes in the files that the model was shown: each edit in its certain place, by content, or refused.
 * Lines that no edit changes stay byte for byte, with their line ends.
 * @param question what was asked: where it is about exports, a lost `export` is meant
 */
export function answerEdits(answer: string, shown: readonly ShownFile[], question = ''): AnswerEdits {
  const edits = new EditSet(shown, question);
  for (const wanted of wantedEdits(answer, edits.files)) edits.add(wanted);
  return edits.result();
}

/**
 * The same of an answer that is still being written: only what is settled. Edits may come to it, and at the end the
 * whole answer may tell that some was not meant.
 */
export function settledEdits(
  answerSoFar: string,
  shown: readonly ShownFile[],
  question = '',
): readonly FileChange[] {
  const edits = new EditSet(shown, question);
  for (const wanted of wantedEdits(answerSoFar, edits.files, false)) {
    if (wanted.kind === 'whole' && !wanted.closed) edits.addGrowing(wanted);
    else edits.add(wanted);
  }
  return edits.result().changes;
}

/** Whether a block of code tells itself which lines of a file it changes, other than by repeating them. */
export function saysWhere(code: string, { text }: Pick<ShownFile, 'text'>): boolean {
  const own = parseLines(text).lines;
  const { lines } = parseLines(code);
  const known = new Set(own.map(squeezed));
  return isSearchReplace(lines) || isDiff('', lines, own) || lines.some((line) => isElision(line, known));
}

interface Target {
  readonly file: ShownFile;
  readonly path: string;
  readonly languageId: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly lines: readonly string[];
}

interface Placed {
  readonly target: Target;
  readonly edits: readonly LineEdit[];
  /** Of a block of code: the lines that it is a version of. */
  readonly covers?: readonly Region[];
  readonly code: string;
}

class EditSet {
  readonly files: readonly Target[];
  private placed: Placed[] = [];
  private readonly created = new Map<string, string>();
  private readonly refused: RefusedEdit[] = [];
  /** Said only where nothing else came of the answer. */
  private readonly weak: RefusedEdit[] = [];

  constructor(
    shown: readonly ShownFile[],
    private readonly question: string,
  ) {
    this.files = shown.map((file) => {
      const text = file.text.replace(/^\uFEFF/, '');
      return { file, text, path: file.path, languageId: file.languageId, lines: parseLines(text).lines };
    });
  }

  add(wanted: WantedEdit): void {
    switch (wanted.kind) {
      case 'passage': {
        this.addPassage(wanted.edit);
        return;
      }
      case 'whole': {
        this.addWhole(wanted);
        return;
      }
      case 'newFile': {
        this.addNew(wanted.path, wanted.lines, wanted.code);
        return;
      }
      case 'other':
        this.refuse('unclear', wanted.code, wanted.path);
    }
  }

  /** A block of code that is not whole yet. */
  addGrowing({ path, language, lines, code }: Extract<WantedEdit, { kind: 'whole' }>): void {
    const named = path === undefined ? undefined : fileOfPath(path, this.files);
    const [target, ...others] = named === undefined ? this.candidates(language, lines) : [named];
    if (target === undefined || others.length > 0 || (path !== undefined && named === undefined)) return;
    const edits = growingEdits(target.lines, target.file.lines, lines);
    if (edits.length > 0) this.placed.push({ target, edits, covers: [], code });
  }

  result(): AnswerEdits {
    this.settleAlternatives();
    const changes: FileChange[] = [];
    for (const target of this.files) {
      const edits = this.withoutOverlaps(target);
      const after = editText(target.text, edits);
      if (after === target.text) continue;
      const broken = isWellFormed(target.text, target.languageId) && !isWellFormed(after, target.languageId);
      // What a model was not shown it cannot have meant to go.
      if (broken || (hasLeftOutMark(after) && !hasLeftOutMark(target.text))) {
        this.refuse('unclear', this.codeFor(target), target.path);
        continue;
      }
      const { uri, path, text } = target.file;
      const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
      changes.push({ uri, path, original: text, proposed: mark + after });
    }
    for (const [path, proposed] of this.created) changes.push({ path, original: '', proposed });
    const refused = [...this.refused];
    if (changes.length === 0 && refused.length === 0) {
      refused.push(this.weak[0] ?? { why: 'noCode', code: '' });
    }
    return { changes, refused };
  }

  private addPassage(edit: PassageEdit): void {
    const { path, readings, code } = edit;
    const named = path === undefined ? undefined : fileOfPath(path, this.files);
    if (path !== undefined && named === undefined) {
      const [reading] = readings;
      if (readings.length === 1 && reading?.before.every(isBlank) === true) {
        this.addNew(path, reading.after, code);
        return;
      }
      this.refuse('unknownFile', code, path);
      return;
    }
    const targets = named === undefined ? this.files : [named];
    const found = targets.map((target) => ({
      target,
      result: passageEdits(target.lines, target.file.lines, edit),
    }));
    const fitting = found.flatMap(({ target, result }) =>
      typeof result === 'string' ? [] : [{ target, edits: result }],
    );
    const [first] = fitting;
    if (first !== undefined && fitting.length === 1 && !found.some(({ result }) => result === 'ambiguous')) {
      if (first.edits.length === 0) this.refuse('unchanged', code, first.target.path);
      else this.placed.push({ ...first, code });
      return;
    }
    const whys = found.flatMap(({ result }) => (typeof result === 'string' ? [result] : []));
    const why = fitting.length > 1 ? 'ambiguous' : (whys.find((each) => each !== 'notFound') ?? 'notFound');
    this.refuse(why, code, named?.path ?? (this.files.length === 1 ? this.files[0]?.path : undefined));
  }

  private addWhole(wanted: Extract<WantedEdit, { kind: 'whole' }>): void {
    const { path, mayBeNew, language, lines, closed, code } = wanted;
    const named = path === undefined ? undefined : fileOfPath(path, this.files);
    if (path !== undefined && named === undefined) {
      if (this.files.some((target) => sharedLines(target.lines, lines) >= 0.4))
        this.refuse('unknownFile', code, path);
      else if (mayBeNew && (closed || isBalanced(lines.join('\n')))) this.addNew(path, lines, code);
      else this.weak.push({ path, why: 'unknownFile', code });
      return;
    }
    const targets = named === undefined ? this.candidates(language, lines) : [named];
    const placements = targets.map((target) => ({ target, placement: this.place(target, lines, closed) }));
    const placed = placements.flatMap(({ target, placement }) =>
      placement.kind === 'placed' ? [{ target, edits: placement.edits, covers: placement.covers }] : [],
    );
    const [first] = placed;
    if (first !== undefined && placed.length === 1) {
      this.placed.push({ ...first, code });
    } else if (placed.length > 1) this.refuse('ambiguous', code);
    else this.refusePlacement(placements, code, named !== undefined);
  }

  private place(target: Target, lines: readonly string[], closed: boolean): Placement {
    const { languageId, file } = target;
    const exportsMayGo = /\bexport/i.test(this.question);
    const own = { lines: target.lines, languageId, asked: file.lines, exportsMayGo };
    return placeWhole(own, { lines, closed });
  }

  private refusePlacement(
    placements: readonly { target: Target; placement: Placement }[],
    code: string,
    isNamed: boolean,
  ): void {
    const all = placements.flatMap(({ target, placement }) =>
      placement.kind === 'refused' ? [{ path: target.path, why: placement.why, weak: placement.weak }] : [],
    );
    const strong =
      all.find(({ weak, why }) => !weak && why !== 'unchanged') ?? (isNamed ? all[0] : undefined);
    if (strong !== undefined && strong.why !== 'unchanged') this.refuse(strong.why, code, strong.path);
    else {
      const [first] = [...all].sort((a, b) => Number(a.weak) - Number(b.weak));
      this.weak.push(
        first === undefined ? { why: 'noCode', code } : { path: first.path, why: first.why, code },
      );
    }
  }

  /** Files that code without a name may belong to. */
  private candidates(language: string, lines: readonly string[]): readonly Target[] {
    return this.files.filter(
      (target) => languageFits(language, target.languageId) || sharedLines(lines, target.lines) >= 0.5,
    );
  }

  private addNew(path: string, lines: readonly string[], code: string): void {
    const own = new Set<string>();
    const last = lines.findLastIndex((line) => !isBlank(line));
    if (
      !isSafeNewPath(path) ||
      this.created.has(path) ||
      last < 0 ||
      lines.some((line) => isElision(line, own))
    ) {
      this.refuse(this.created.has(path) ? 'overlaps' : 'unclear', code, path);
      return;
    }
    this.created.set(path, `${lines.slice(0, last + 1).join('\n')}\n`);
  }

  /** Of several versions of the same lines the one counts that holds all the others; else none. */
  private settleAlternatives(): void {
    const wholes = this.placed.filter(({ covers }) => covers !== undefined);
    const dropped = new Set<Placed>();
    for (const [index, one] of wholes.entries()) {
      const rivals = wholes.filter((other, at) => at !== index && areVersions(one, other));
      if (rivals.length === 0 || dropped.has(one)) continue;
      const all = [one, ...rivals.filter((rival) => !dropped.has(rival))];
      const best = all.find((each) => all.every((other) => other === each || holds(each.edits, other.edits)));
      for (const each of all) {
        if (each === best) continue;
        dropped.add(each);
        if (best === undefined) this.refuse('ambiguous', each.code, each.target.path);
      }
    }
    this.placed = this.placed.filter((each) => !dropped.has(each));
  }

  private withoutOverlaps(target: Target): LineEdit[] {
    const taken: LineEdit[] = [];
    for (const { edits, code, ...rest } of this.placed) {
      if (rest.target !== target) continue;
      const fresh = edits.filter((edit) => !taken.some((own) => sameEdit(own, edit)));
      if (overlaps(taken, fresh)) this.refuse('overlaps', code, target.path);
      else taken.push(...fresh);
    }
    return taken;
  }

  private codeFor(target: Target): string {
    return this.placed
      .filter((each) => each.target === target)
      .map(({ code }) => code)
      .join('\n');
  }

  private refuse(why: RefusedEdit['why'], code: string, path?: string): void {
    this.refused.push({ why, code, ...(path !== undefined && { path }) });
  }
}

/** Whether what is opened is closed, as far as the language tells; an edit must not lose that. */
function isWellFormed(text: string, languageId: string): boolean {
  if (languageId === 'markdown') return (text.match(/^\s*(?:`{3,}|~{3,})/gm) ?? []).length % 2 === 0;
  return ['html', 'xml', 'plaintext', 'yaml'].includes(languageId) || isBalanced(text);
}

/** Whether two blocks of code are about the same lines. */
function areVersions(a: Placed, b: Placed): boolean {
  if (a.target !== b.target) return false;
  const share = (one: Region) =>
    b.covers?.some(({ start, end }) => one.start < end && start < one.end) === true;
  return overlaps(a.edits, b.edits) || a.covers?.some(share) === true;
}

function sameEdit(a: LineEdit, b: LineEdit): boolean {
  return a.start === b.start && a.count === b.count && a.lines.join('\n') === b.lines.join('\n');
}

function overlaps(some: readonly LineEdit[], others: readonly LineEdit[]): boolean {
  return some.some((a) => others.some((b) => touch(a, b)));
}

/** Whether two edits change the same lines. Two insertions at one place come one after the other. */
function touch(a: LineEdit, b: LineEdit): boolean {
  if (a.count === 0 && b.count === 0) return false;
  if (a.count === 0) return a.start > b.start && a.start < b.start + b.count;
  if (b.count === 0) return b.start > a.start && b.start < a.start + a.count;
  return a.start < b.start + b.count && b.start < a.start + a.count;
}

function holds(some: readonly LineEdit[], others: readonly LineEdit[]): boolean {
  return others.every((edit) => some.some((own) => sameEdit(own, edit)));
}
