import * as v from 'valibot';
import type { AnsweredToolCall, ChatMessage, Tool } from '../protocol/engine';

/** The editor's roles; the last is of a proposal, and comes from its own chat. */
const roles = { user: 1, assistant: 2, system: 3 } as const;

/** A message of another extension's, whose parts may be of any kind. */
export interface RequestMessage {
  readonly role: number;
  readonly content: readonly unknown[];
}

export interface RequestTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema?: object | undefined;
}

/** A value that is no text is a tree of an element of a prompt. */
const textPart = v.object({ value: v.unknown() });
const callPart = v.object({ callId: v.string(), name: v.string(), input: v.record(v.string(), v.unknown()) });
const resultPart = v.object({ callId: v.string(), content: v.array(v.unknown()) });
const dataPart = v.object({ mimeType: v.string(), data: v.instance(Uint8Array) });

/** What stands for the result of a call that was never given one, since someone stopped. */
const noResult = 'It was not run.';

/**
 * A request of the editor's or another extension's as a history of the engine's: messages of one role are joined,
 * since templates want the roles to alternate, and results are where their calls are.
 */
export function requestMessages(messages: readonly RequestMessage[]): ChatMessage[] {
  const history: ChatMessage[] = [];
  const open = new Map<string, AnsweredToolCall>();
  const add = (role: ChatMessage['role'], content: string, toolCalls: AnsweredToolCall[] = []) => {
    const last = history.at(-1);
    const hasCalls = toolCalls.length > 0;
    if (content.trim() === '' && !hasCalls) return;
    // After a result an answer is a step of its own.
    if (last?.role === role && last.toolCalls === undefined) {
      last.content = [last.content, content].filter((text) => text !== '').join('\n\n');
      if (hasCalls) last.toolCalls = toolCalls;
      return;
    }
    history.push({ role, content, ...(hasCalls && { toolCalls }) });
  };
  for (const { role, content } of messages) {
    if (role === roles.assistant) {
      const calls = content.flatMap((part): AnsweredToolCall[] => {
        const call = v.safeParse(callPart, part);
        if (!call.success) return [];
        const { callId, name, input } = call.output;
        const answered = { name, input, result: noResult };
        open.set(callId, answered);
        return [answered];
      });
      add('assistant', textOf(content), calls);
      continue;
    }
    for (const part of content) {
      const result = v.safeParse(resultPart, part);
      if (!result.success) continue;
      const call = open.get(result.output.callId);
      const text = textOf(result.output.content);
      if (call === undefined) add('user', text);
      else call.result = text;
    }
    const isSystem = role === roles.system && history.every((message) => message.role === 'system');
    add(isSystem ? 'system' : 'user', textOf(content));
  }
  return history;
}

/** All that a message says, for counting. */
export function messageText({ content }: RequestMessage): string {
  const calls = content.flatMap((part) => {
    const call = v.safeParse(callPart, part);
    if (call.success) return [`${call.output.name} ${JSON.stringify(call.output.input)}`];
    const result = v.safeParse(resultPart, part);
    return result.success ? [textOf(result.output.content)] : [];
  });
  return [textOf(content), ...calls].filter((text) => text !== '').join('\n');
}

export function requestTools(tools: readonly RequestTool[]): Tool[] {
  return tools.map(({ name, description, inputSchema }) => ({
    ...{ name, description },
    ...(inputSchema !== undefined && { schema: { ...inputSchema } }),
  }));
}

/** Texts, and data that is text; what else there may be means nothing to the model. */
function textOf(content: readonly unknown[]): string {
  return content
    .map((part) => {
      if (typeof part === 'string') return part;
      const text = v.safeParse(textPart, part);
      if (text.success) {
        const { value } = text.output;
        if (typeof value === 'string') return value;
        return value === undefined ? '' : JSON.stringify(value);
      }
      const data = v.safeParse(dataPart, part);
      const isText = data.success && /^text\/|json$/.test(data.output.mimeType);
      return isText ? new TextDecoder().decode(data.output.data) : '';
    })
    .join('');
}
