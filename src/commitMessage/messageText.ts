/**
 * The commit message in an answer, also in one that still comes: models wrap it in fences, quotes and introductions.
 * '' while nothing of the message itself has come.
 */
export function messageFrom(answer: string): string {
  // A fence that is on its way.
  const whole = answer.replaceAll('\r\n', '\n').replace(/(?:^|\n)[ \t]*[`~]{1,2}$/, '');
  const text = insideFence(whole) ?? withoutIntroduction(whole);
  const lines = text.split('\n').map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== '');
  if (first < 0) return '';
  const [subject = '', ...body] = lines.slice(first);
  const message = [cleanSubject(subject), ...body].join('\n').trim();
  return message.replaceAll(/\n{3,}/g, '\n\n');
}

/** What stands in the first fenced block, closed or not; undefined where there is none with a text in it. */
function insideFence(answer: string): string | undefined {
  const open = /^[ \t]*(`{3,}|~{3,})[^\n`]*(\n|$)/m.exec(answer);
  if (open === null) return undefined;
  // A message may itself hold a block further down.
  if (
    answer
      .slice(0, open.index)
      .split('\n')
      .filter((line) => line.trim() !== '').length > 1
  )
    return undefined;
  const inside = answer.slice(open.index + open[0].length);
  const close = /^[ \t]*(?:`{3,}|~{3,})[ \t]*$/m.exec(inside);
  return close === null ? inside : inside.slice(0, close.index);
}

const introduction =
  /^(?:sure|certainly|of course|okay|ok|here(?:'s| is| are)|the commit message|based on|this is)\b.*:?$/i;

function withoutIntroduction(answer: string): string {
  const lines = answer.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  const line = lines[first]?.trim() ?? '';
  return line.endsWith(':') && introduction.test(line) ? lines.slice(first + 1).join('\n') : answer;
}

function cleanSubject(line: string): string {
  const bare = line
    .trim()
    .replace(/^#+\s+/, '')
    .replace(/^\*{0,2}(?:commit message|subject|title)\*{0,2}\s*:\*{0,2}\s*/i, '')
    .replace(/^\*\*(.*)\*\*$/, '$1')
    .trim();
  const quoted = /^(["'`“])(.*?)(["'`”]?)$/.exec(bare);
  const inner = quoted?.[2] ?? '';
  if (quoted === null || inner.includes(quoted[1] ?? '')) return withoutStop(bare);
  return withoutStop(inner);
}

/** A subject line ends without a full stop. */
function withoutStop(subject: string): string {
  return subject.replace(/(?<!\.)\.$/, '');
}
