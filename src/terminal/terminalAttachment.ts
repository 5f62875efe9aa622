import type { Attachment } from '../chat/chatApi';
import { keyMark, withoutKeys } from '../context/secrets';
import type { TerminalRun } from './terminalRecorder';

/** Characters of output that go into a prompt: causes stand at the end, and what a compiler meets first at the start. */
const headCharacters = 2000;
const tailCharacters = 6000;

/** A command of a terminal with its output as a model reads it; what is left out of a long one is said in it. */
export function terminalAttachment({ command, exitCode, output, cwd }: TerminalRun, id: string): Attachment {
  const parts = [
    cwd === undefined ? '' : `# in ${cwd}`,
    `$ ${command}`,
    // Of commands that end at once the editor tells nothing but how they ended.
    output.trim() === '' ? '(no output was recorded)' : shortened(output.trimEnd()),
    exitCode === undefined ? '' : `(exit code ${exitCode})`,
  ];
  return {
    ...{ id, kind: 'terminal', label: firstLine(command), path: 'Terminal' },
    ...{ uri: 'layercake-context:terminal', languageId: '' },
    text: withoutKeys(parts.filter((part) => part !== '').join('\n'), keyMark),
  };
}

/** The first and the last whole lines of a long text. */
function shortened(text: string): string {
  if (text.length <= headCharacters + tailCharacters) return text;
  const head = text.slice(0, headCharacters);
  const tail = text.slice(-tailCharacters);
  const first = head.slice(0, Math.max(0, head.lastIndexOf('\n')));
  const last = tail.slice(tail.indexOf('\n') + 1);
  const left = text.split('\n').length - first.split('\n').length - last.split('\n').length;
  return `${first}\n[${left} lines left out]\n${last}`;
}

/** A command's name in lists. */
export function firstLine(command: string): string {
  const line = command.split('\n')[0] ?? '';
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
