import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { chatWords } from '../chat/chatWords';
import { systemClock } from '../chat/clock';
import { systemMessage } from '../chat/history';
import { TurnRunner } from '../chat/turnRunner';
import type { AskedCode } from '../commands/askedCode';
import { ContextBudget } from '../context/contextBudget';
import { describeError, describeFailure } from '../errorMessages';
import type { Logger } from '../log';
import { inlinePrompt } from '../prompts/inlinePrompt';
import type { InlineChatParts } from './inlineChat';
import { InlineThread } from './inlineThread';
import { subjectOf } from './subject';

/** A thread about some code, and all that makes its answers. */
export function createThread(
  { engine, readiness, rate, read, asker, sources }: InlineChatParts,
  controller: vscode.CommentController,
  code: AskedCode,
  log: Logger,
  onChange: () => void,
): InlineThread {
  const subject = subjectOf(code.text, code.lines);
  const base = inlinePrompt(subject);
  const system = () => systemMessage({ base, own: read('chat.systemPrompt'), agents: '' });
  return new InlineThread(
    {
      ...{ asker, sources, subject, onChange, newId: randomUUID, system: () => system().content },
      createThread: (uri, range) => controller.createCommentThread(uri, range, []),
      runner: new TurnRunner({
        ...{ engine, readiness, rate, read, describeFailure, log, clock: systemClock },
        ...{ kind: 'inline', thinking: { mode: 'off' }, words: chatWords(vscode.l10n.t) },
        prefix: () => Promise.resolve(system()),
        budget: new ContextBudget({ engine, rate, read }),
      }),
      describe: (error) => describeError(error)?.message,
    },
    code,
  );
}
