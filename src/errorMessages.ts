import * as vscode from 'vscode';
import { errorInWords, failureInWords, type FailureContext, type FailureWords } from './failureWords';
import type { EngineFailure } from './protocol/engine';

/** A failure in the person's language: what failed, why, what to do. */
export function describeFailure(failure: EngineFailure, context?: FailureContext): FailureWords {
  return failureInWords(vscode.l10n, failure, context);
}

/** Any error in the person's language; undefined for a cancel, which is not shown. */
export function describeError(error: unknown, context?: FailureContext): FailureWords | undefined {
  return errorInWords(vscode.l10n, error, context);
}
