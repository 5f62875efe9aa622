import type { AnswerView, ChatSnapshot, MessageView } from '../../src/protocol/webview';

/** A text of `sections` sections with what answers are made of: prose, lists, tables, code. About 900 characters each. */
export function markdownText(sections: number): string {
  return Array.from({ length: sections }, (_, index) => section(index)).join('\n\n');
}

function section(index: number): string {
  return `## Step ${index + 1}

The queue keeps **${index + 3} tasks** in flight, and \`drain()\` waits for all of them. Where one fails, the others go
on; its error reaches whoever awaits the result, see [the queue](src/queue.ts#L${index + 1}) for how it gets there.

1. Read the \`limit\` and *clamp* it to the cores at hand.
2. Start tasks until the limit is reached:
   - each of them counts itself in and out,
   - whoever leaves wakes the next.
3. Wait for the rest.

\`\`\`ts
/** Runs at most \`limit\` tasks at a time. */
export async function run${index}(tasks: Task[], limit = ${index + 2}): Promise<void> {
  const running = new Set<Promise<void>>();
  for (const task of tasks) {
    if (running.size >= limit) await Promise.race(running);
    const promise = task().finally(() => running.delete(promise));
    running.add(promise);
  }
  await Promise.all(running);
}
\`\`\`

| limit | seconds | note |
|------:|--------:|------|
| ${index + 1} | 12.5 | one after another |
| ${index + 2} | 3.1 | as many as cores |

> The figures are those of a run with a cold cache.`;
}

/** A finished answer, or one that is just streaming in. */
export function answerView(id: string, text: string, running = false): AnswerView {
  return {
    ...{ role: 'assistant', id, text, thought: '', thoughtSeconds: null },
    status: running ? { kind: 'streaming', tokensPerSecond: 0 } : { kind: 'done', stopReason: 'end' },
    stats: running
      ? undefined
      : { tokens: 200, tokensPerSecond: 40, firstTokenSeconds: 0.4, promptTokens: 900, reusedTokens: 880 },
  };
}

/** `count` messages, by turns the person's and the model's, ids `m0` and on. */
export function longConversation(count: number): MessageView[] {
  return Array.from({ length: count }, (_, index): MessageView => {
    const id = `m${index}`;
    if (index % 2 === 1) return answerView(id, `Answer ${index}.\n\n${markdownText(2)}`);
    return { role: 'user', id, text: `Question ${index}: how many tasks at a time?`, attachments: [] };
  });
}

/** A snapshot with these messages and nothing else of note. */
export function chatSnapshot(messages: MessageView[], id = 'long'): ChatSnapshot {
  return {
    kind: 'snapshot',
    engine: { state: { kind: 'ready' }, model: undefined, configuredModel: 'model.gguf', failure: undefined },
    conversation: { id, title: 'Queue', updated: 1, messages },
    conversations: [{ id, title: 'Queue', updated: 1 }],
    ...{ attachments: [], budget: undefined, queue: [], context: undefined, notices: [] },
  };
}
