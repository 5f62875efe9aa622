import { renderAttachment } from './attachmentText';
import type { Answer, Conversation, UserMessage } from './conversation';
import type { ExportWords } from './words';

/** A conversation as a Markdown document. */
export function exportMarkdown(conversation: Conversation, words: ExportWords): string {
  const parts = conversation.messages.map((message) =>
    message.role === 'user' ? userPart(message, words) : answerPart(message, words),
  );
  return `${[`# ${conversation.title.replaceAll(/([\\`*_[\]<>#])/g, '\\$1')}`, ...parts].join('\n\n')}\n`;
}

function userPart({ text, attachments }: UserMessage, words: ExportWords): string {
  return join([`## ${words.you}`, ...attachments.map(renderAttachment), text]);
}

function answerPart({ text, thought, status, stats }: Answer, words: ExportWords): string {
  const folded =
    thought === '' ? '' : `<details>\n<summary>${words.thought}</summary>\n\n${thought.trim()}\n\n</details>`;
  const stopped = status.kind === 'done' && status.stopReason === 'cancelled';
  const ending = status.kind === 'failed' ? status.message : stopped ? words.stopped : '';
  const figures =
    stats === undefined ? '' : words.stats(stats.tokens, stats.tokensPerSecond, stats.firstTokenSeconds);
  return join([`## ${words.assistant}`, folded, text.trim(), italic(ending), italic(figures)]);
}

function italic(text: string): string {
  return text === '' ? '' : `*${text}*`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
