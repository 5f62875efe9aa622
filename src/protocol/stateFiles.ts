/** How the files of saved states are named, so that they can be found without reading them, whoever wrote them. */
import { createHash } from 'node:crypto';

/** A conversation's files begin with it, and a dot. */
export function stateFilePrefix(conversation: string): string {
  return `${createHash('sha256').update(conversation).digest('hex').slice(0, 32)}.`;
}
