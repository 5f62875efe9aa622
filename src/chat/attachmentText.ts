import type { Attachment } from './chatApi';

/** An attachment as the model reads it: where it is from, then a fenced block. */
export function renderAttachment(attachment: Attachment): string {
  const { path, lines, languageId, text } = attachment;
  const where = lines === undefined ? path : `${path}, ${lineRange(lines)}`;
  return `${where}:\n${fenced(text, languageId)}`;
}

/** A fence longer than any run of backticks in the text, so that the text cannot end it. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(0, ...(text.match(/`{3,}/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

function lineRange({ start, end }: { start: number; end: number }): string {
  return start === end ? `line ${start}` : `lines ${start}–${end}`;
}
