import type { Translate } from '../translate';
import type { ChatWords } from './words';

/** The chat's sentences in the editor's language. */
export function chatWords(t: Translate): ChatWords {
  return {
    newConversation: t('New conversation'),
    interrupted: t('The editor was closed while this answer was being written.'),
    tooLong: (needed, available) =>
      t(
        'This message is too long: it needs {0} tokens, and {1} are free for it. Shorten it, attach less, or set a larger context.',
        grouped(needed),
        grouped(available),
      ),
    unexpected: (detail) => t('The answer failed: {0}', detail),
    broughtBack: (failure) => t('{0} The messages that it would have replaced are back.', failure),
    damagedFile: (name) =>
      t('A conversation could not be read and was set aside as {0}. All others are here.', name),
    unreadableFile: (name, cause) => t('{0} could not be read and was left as it is: {1}', name, cause),
    newerFile: (name) =>
      t('The conversation {0} is from a newer version of Layercake and was left as it is.', name),
    saveFailed: (title, cause) =>
      t('“{0}” is not saved, and will be tried again with the next message: {1}', title, cause),
    agentsTruncated: (kibibytes) =>
      t('AGENTS.md is longer than {0} KB: only its beginning is sent.', kibibytes),
    answered: (title, seconds) => t('Answered after {0} s: {1}', Math.round(seconds), title),
    export: {
      you: t('You'),
      assistant: t('Answer'),
      thought: t('Thoughts'),
      stopped: t('Stopped.'),
      stats: (tokens, tokensPerSecond, firstTokenSeconds) =>
        [
          t('{0} tokens', grouped(tokens)),
          tokensPerSecond === null ? '' : t('{0} tok/s', tokensPerSecond.toFixed(1)),
          firstTokenSeconds === null ? '' : t('first after {0} s', firstTokenSeconds.toFixed(1)),
        ]
          .filter((part) => part !== '')
          .join(' · '),
    },
  };
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
