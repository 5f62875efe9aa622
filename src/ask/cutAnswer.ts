import * as vscode from 'vscode';
import type { StopReason } from '../protocol/engine';

/** What an answer ended at before its own end. */
export type CutAt = Extract<StopReason, 'maxTokens' | 'contextFull'>;

/** Why code of an answer that was cut off changes nothing: it would take away what the answer did not come to. */
export function cutWords(cutAt: CutAt): string {
  const { t } = vscode.l10n;
  return cutAt === 'maxTokens'
    ? t(
        'The answer was cut off at the limit of tokens for one answer, so nothing was changed. Ask about less code, or raise the setting "layercake.sampling.maxTokens".',
      )
    : t(
        'The answer was cut off because the context is full, so nothing was changed. Ask about less code, or raise the setting "layercake.load.contextSize".',
      );
}
