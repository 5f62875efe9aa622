import type { Attachment } from '../chat/chatApi';
import { renderAttachment } from '../chat/attachmentText';
import { countLeftOut, linesLeftOut } from './leftOutMark';
import { piecesOf, type Piece } from './pieces';
import { relevanceOf } from './relevance';

export interface TrimRequest {
  attachments: readonly Attachment[];
  /** What the person asks. */
  question: string;
  /** Tokens of all attachments together. */
  limit: number;
  /** Tokens of texts, in their order. */
  count: (texts: string[]) => Promise<number[]>;
}

/** Of a mark where lines are left out, and of what the tokens of pieces do not add up to. */
const tokensOfGap = 12;
/** How much of a neighbour's relevance rubs off: what stands around an answer helps to understand it. */
const neighbour = 0.3;

interface Candidate {
  owner: number;
  piece: Piece;
  tokens: number;
  headingTokens: number;
  score: number;
}

/** Whether lines of an attachment may be left out: a selection or a symbol was meant as it is. */
export function mayBeTrimmed({ kind, lines }: Attachment): boolean {
  return kind !== undefined && kind !== 'selection' && lines === undefined;
}

/**
 * Leaves out of the attachments what has least to do with the question, until they take `limit` tokens. What has to
 * be whole stays, also where it takes more. Trimmed ones tell their former tokens (`wholeTokens`).
 */
export async function trimToBudget({
  attachments,
  question,
  limit,
  count,
}: TrimRequest): Promise<Attachment[]> {
  const whole = await count(attachments.map(renderAttachment));
  const total = whole.reduce((sum, tokens) => sum + tokens, 0);
  if (total <= limit) return [...attachments];
  const fixed = attachments.reduce(
    (sum, each, index) => sum + (mayBeTrimmed(each) ? tokensOfGap : (whole[index] ?? 0)),
    0,
  );
  const candidates = await candidatesOf(attachments, question, count);
  const kept = choose(candidates, limit - fixed);
  return attachments.map((attachment, owner) => {
    const own = candidates.filter((each) => each.owner === owner);
    const left = own.some((each) => !kept.has(each));
    if (!mayBeTrimmed(attachment) || !left) return attachment;
    const pieces = own.filter((each) => kept.has(each)).map(({ piece }) => piece);
    const before = attachment.wholeTokens ?? whole[owner] ?? 0;
    // Another text is another attachment: what was counted of the whole does not hold.
    const id = `${attachment.id}-part`;
    return { ...attachment, id, text: assemble(attachment, pieces), wholeTokens: before };
  });
}

async function candidatesOf(
  attachments: readonly Attachment[],
  question: string,
  count: TrimRequest['count'],
): Promise<Candidate[]> {
  const all = attachments.flatMap((attachment, owner) =>
    mayBeTrimmed(attachment) ? piecesOf(attachment).map((piece) => ({ owner, piece, attachment })) : [],
  );
  const tokens = await count(all.flatMap(({ piece }) => [piece.text, piece.heading?.text ?? '']));
  const scores = relevanceOf(
    question,
    all.map(({ piece, attachment }) => `${attachment.path} ${piece.heading?.text ?? ''}\n${piece.text}`),
  );
  return all.map(({ owner, piece, attachment }, index) => {
    const beside = [index - 1, index + 1].map((at) => (all[at]?.owner === owner ? (scores[at] ?? 0) : 0));
    const shared = (scores[index] ?? 0) + neighbour * Math.max(...beside);
    return {
      ...{ owner, piece, tokens: (tokens[2 * index] ?? 0) + 1, headingTokens: tokens[2 * index + 1] ?? 0 },
      score: shared + position(attachment, piece),
    };
  });
}

/** Among equals: the end of a terminal's output, where it says what failed; the beginning of all else. */
function position({ kind, text }: Attachment, { start }: Piece): number {
  const share = start / Math.max(1, text.split('\n').length);
  return 0.001 * (kind === 'terminal' ? share : 1 - share);
}

function choose(candidates: readonly Candidate[], limit: number): Set<Candidate> {
  const kept = new Set<Candidate>();
  const headed = new Set<string>();
  let left = limit;
  for (const each of [...candidates].sort((a, b) => b.score - a.score)) {
    const heading = `${each.owner} ${each.piece.heading?.start ?? ''}`;
    const cost = each.tokens + tokensOfGap + (headed.has(heading) ? 0 : each.headingTokens);
    if (cost > left) continue;
    left -= cost;
    kept.add(each);
    headed.add(heading);
  }
  return kept;
}

/** The pieces in their order, with their headings, and marks where lines are missing. */
function assemble({ text, kind }: Attachment, pieces: readonly Piece[]): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const keep = new Set<number>();
  for (const { start, end, heading } of pieces) {
    for (let line = heading?.start ?? 0; line < (heading?.end ?? 0); line++) keep.add(line);
    for (let line = start; line < end; line++) keep.add(line);
  }
  const result: string[] = [];
  for (let at = 0; at < lines.length;) {
    if (keep.has(at)) {
      result.push(lines[at++] ?? '');
      continue;
    }
    const first = at;
    while (at < lines.length && !keep.has(at)) at++;
    // Numbers of lines mean something in a file alone.
    result.push(kind === 'file' ? linesLeftOut(first + 1, at) : countLeftOut(at - first));
  }
  return `${result.join('\n')}\n`;
}
