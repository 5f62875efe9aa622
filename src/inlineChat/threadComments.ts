import { isRunning, type Message } from '../chat/conversation';
import type { AnswerEdits } from '../edit/answerEdits';
import { escapeMarkdown } from '../status/format';
import type { Translate } from '../translate';
import { statusWords } from './threadWords';
import { withoutImages } from './withoutImages';

/** One comment of a thread, as it is shown. */
export interface ThreadComment {
  readonly id: string;
  readonly from: 'person' | 'model';
  /** Shown as it is, or as Markdown. */
  readonly body: { readonly kind: 'text' | 'markdown'; readonly text: string };
  /** What the model is asked with besides: what was left out, what cannot be applied. */
  readonly notes: readonly string[];
}

/** What is known of a turn besides its message, by the message's id. */
export interface TurnNotes {
  /** What went wrong with what the person named. */
  readonly problems: ReadonlyMap<string, readonly string[]>;
  readonly edits: ReadonlyMap<string, AnswerEdits>;
}

export function threadComments(
  t: Translate,
  messages: readonly Message[],
  { problems, edits }: TurnNotes,
): ThreadComment[] {
  return messages.map((message) => {
    const { id, text } = message;
    if (message.role === 'user') {
      const notes = problems.get(id) ?? [];
      return { id, from: 'person', body: { kind: 'text', text }, notes };
    }
    const { status } = message;
    const notes = status.kind === 'failed' ? [status.message] : editNotes(t, edits.get(id));
    const waiting = text === '' && isRunning(status) ? `*${escapeMarkdown(statusWords(t, status))}*` : '';
    return {
      ...{ id, from: 'model', notes },
      body: { kind: 'markdown', text: waiting === '' ? withoutImages(text) : waiting },
    };
  });
}

/** What cannot be accepted of an answer. An answer without code is in words, and says so itself. */
function editNotes(t: Translate, edits: AnswerEdits | undefined): string[] {
  const refused = edits?.refused.filter(({ why }) => why !== 'noCode') ?? [];
  if (edits === undefined || refused.length === 0) return [];
  if (refused.every(({ why }) => why === 'unchanged')) return [t('This would change nothing.')];
  if (edits.changes.length === 0) {
    return [t('It is not certain where this code belongs, so it cannot be accepted.')];
  }
  return [
    refused.length === 1
      ? t('One part has no certain place in the code. It is left out of what can be accepted.')
      : t(
          '{0} parts have no certain place in the code. They are left out of what can be accepted.',
          refused.length,
        ),
  ];
}
