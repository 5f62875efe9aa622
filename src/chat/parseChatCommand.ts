import * as v from 'valibot';
import type { ChatCommand } from '../protocol/webview';

const bare = <K extends string>(kind: K) => v.object({ kind: v.literal(kind) });
const withId = <K extends string>(kind: K) => v.object({ kind: v.literal(kind), id: v.string() });

const command = v.variant('kind', [
  bare('ready'),
  v.object({ kind: v.literal('send'), text: v.string() }),
  bare('stop'),
  v.object({ kind: v.literal('retry'), answerId: v.string() }),
  v.object({ kind: v.literal('editAndResend'), messageId: v.string(), text: v.string() }),
  withId('removeAttachment'),
  bare('attachSelection'),
  v.object({ kind: v.literal('complete'), request: v.number(), typed: v.string() }),
  v.object({ kind: v.literal('mention'), text: v.string() }),
  v.object({ kind: v.literal('sendWhole'), whole: v.boolean() }),
  withId('removeQueued'),
  withId('dismissNotice'),
  bare('newConversation'),
  withId('openConversation'),
  v.object({ kind: v.literal('renameConversation'), id: v.string(), title: v.string() }),
  withId('deleteConversation'),
  withId('exportConversation'),
  v.object({
    kind: v.literal('code'),
    action: v.picklist(['copy', 'insert', 'apply', 'newFile']),
    code: v.string(),
    language: v.string(),
  }),
  bare('chooseModel'),
  v.object({ kind: v.literal('useModel'), path: v.string() }),
  v.object({ kind: v.literal('getModel'), repository: v.optional(v.string()) }),
  bare('testEngine'),
  bare('loadModel'),
  bare('restartEngine'),
  bare('openSettings'),
  bare('showLog'),
  v.object({ kind: v.literal('openLink'), href: v.string() }),
]);

export type ParsedCommand = { ok: true; command: ChatCommand } | { ok: false; problem: string };

/** Checks what the page sent. The problem names the place and the types, never the content. */
export function parseChatCommand(data: unknown): ParsedCommand {
  const parsed = v.safeParse(command, data);
  if (parsed.success) return { ok: true, command: parsed.output };
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue) ?? 'message';
  return { ok: false, problem: `${place}: expected ${issue.expected}` };
}
