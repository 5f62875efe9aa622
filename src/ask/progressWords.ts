import type { ChatProgress } from '../protocol/engine';
import { formatCount, formatDuration, formatRate } from '../status/format';
import type { Translate } from '../translate';

/** What the engine does for a request, in one line: rates are measured, seconds left estimated from them. */
export function progressWords(t: Translate, progress: ChatProgress): string {
  switch (progress.kind) {
    case 'waiting':
      return progress.ahead === 1
        ? t('Waiting for 1 other request')
        : t('Waiting for {0} other requests', progress.ahead);
    case 'prefill': {
      const { done, total, tokensPerSecond } = progress;
      if (tokensPerSecond <= 0) return t('Reading {0} tokens', formatCount(total));
      const left = formatDuration((total - done) / tokensPerSecond);
      return t('Reading {0} of {1} tokens, about {2} left', formatCount(done), formatCount(total), left);
    }
    case 'text':
    case 'thought':
      return progress.tokensPerSecond > 0
        ? t('Writing at {0}', formatRate(progress.tokensPerSecond))
        : t('Writing');
  }
}
