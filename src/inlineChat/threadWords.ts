import type { PromptCost } from '../ask/modelAsker';
import { progressWords } from '../ask/progressWords';
import type { Answer } from '../chat/conversation';
import type { AnswerStats, AnswerStatus } from '../protocol/webview';
import { formatCount, formatRate, formatShortDuration } from '../status/format';
import type { Translate } from '../translate';

/**
 * The one line above a thread: what it is about, then what the answer does or took, else what sending would cost.
 * @param where e.g. "queue.ts:12–48"
 * @param cost of the message that is being written; undefined where no model is loaded to count by
 */
export function threadLabel(
  t: Translate,
  where: string,
  answer: Pick<Answer, 'status' | 'stats'> | undefined,
  cost: PromptCost | undefined,
): string {
  const state = answer === undefined ? '' : answerWords(t, answer);
  const next = cost === undefined ? '' : costWords(t, cost);
  return [`Layercake · ${where}`, state === '' ? next : state].filter((part) => part !== '').join(' · ');
}

/** Counted by the model's own tokenizer, but for what its template adds; seconds by the speed of reading that was measured last, or planned. */
export function costWords(t: Translate, { tokens, seconds }: PromptCost): string {
  const count = formatCount(tokens);
  if (seconds === undefined) return t('about {0} tokens to read', count);
  return t('about {0} tokens to read, about {1}', count, formatShortDuration(seconds));
}

/** What is done for an answer, in a few words; '' where it has ended and there is nothing to say. */
export function statusWords(t: Translate, status: AnswerStatus): string {
  switch (status.kind) {
    case 'waiting':
      return status.ahead === undefined
        ? t('Getting the model ready')
        : progressWords(t, { kind: 'waiting', ahead: status.ahead });
    case 'reading':
      return progressWords(t, { ...status, kind: 'prefill' });
    case 'streaming':
      return progressWords(t, { ...status, kind: 'text', text: '', tokens: 0 });
    case 'paused':
      return t('Paused for a shorter request');
    case 'stopping':
      return t('Stopping');
    case 'failed':
      return t('Failed');
    case 'done':
      return endWords(t, status.stopReason);
  }
}

function answerWords(t: Translate, { status, stats }: Pick<Answer, 'status' | 'stats'>): string {
  const words = [statusWords(t, status), stats === undefined ? '' : statsWords(t, stats)];
  return words.filter((part) => part !== '').join(' · ');
}

function endWords(t: Translate, reason: Extract<AnswerStatus, { kind: 'done' }>['stopReason']): string {
  switch (reason) {
    case 'end':
      return '';
    case 'cancelled':
      return t('Stopped');
    case 'maxTokens':
      return t('Ended at the longest answer that is set');
    case 'contextFull':
      return t('Ended where the context is full');
  }
}

/** All measured. */
function statsWords(t: Translate, stats: AnswerStats): string {
  const { tokens, tokensPerSecond, promptTokens, reusedTokens } = stats;
  const all = formatCount(promptTokens);
  const read =
    reusedTokens === 0
      ? t('{0} tokens read', all)
      : t('{0} of {1} tokens read anew', formatCount(promptTokens - reusedTokens), all);
  const written =
    tokensPerSecond === null
      ? t('{0} written', formatCount(tokens))
      : t('{0} written at {1}', formatCount(tokens), formatRate(tokensPerSecond));
  return `${read}, ${written}`;
}
