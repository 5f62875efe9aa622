import { CancelledError, EngineError, UserError } from './errors';
import type { EngineFailure } from './protocol/engine';
import type { FailureAction } from './protocol/webview';

/** The editor's translation function, as far as it is needed: tests give their own. */
export interface Translator {
  t(message: string, ...args: (string | number | boolean)[]): string;
}

export interface FailureWords {
  /** What failed, why, what to do. */
  message: string;
  action: FailureAction | undefined;
}

export interface FailureContext {
  /** Path of the model file that it was about. */
  modelPath?: string;
}

/** A failure in one or two sentences, with the button that helps. */
export function failureInWords(
  l10n: Translator,
  failure: EngineFailure,
  context: FailureContext = {},
): FailureWords {
  const { detail } = failure;
  const name = baseName(context.modelPath);
  const cause = name === undefined ? detail : `${name}: ${detail}`;
  switch (failure.reason) {
    case 'crashed':
      return crashInWords(l10n, failure);
    case 'noRuntime':
      return {
        message: l10n.t(
          'The engine could not be started: {0}. Set "layercake.engine.nodePath" to a Node.js of version 20 or newer.',
          detail,
        ),
        action: 'openSettings',
      };
    case 'startTimeout':
      return {
        message: l10n.t(
          'The engine did not get ready in time ({0}). Try again; the log shows how far it came.',
          detail,
        ),
        action: 'retry',
      };
    case 'unauthorized':
      return {
        message: l10n.t(
          'The engine refused the connection ({0}). Another program may have taken its socket; try again.',
          detail,
        ),
        action: 'retry',
      };
    case 'protocolMismatch':
      return {
        message: l10n.t(
          'The engine belongs to another version of Layercake ({0}). Reload the window; if that does not help, install Layercake again.',
          detail,
        ),
        action: 'showLog',
      };
    case 'modelMissing':
      return {
        message: l10n.t('The model cannot be read ({0}). Choose another file.', cause),
        action: 'chooseModel',
      };
    case 'modelNotGguf':
      return {
        message: l10n.t('The model is not a GGUF file ({0}). Choose a file in that format.', cause),
        action: 'chooseModel',
      };
    case 'modelTruncated':
      return {
        message: l10n.t('The model is incomplete ({0}). Download it again or choose another one.', cause),
        action: 'chooseModel',
      };
    case 'modelMalformed':
      return {
        message: l10n.t('The model is damaged ({0}). Download it again or choose another one.', cause),
        action: 'chooseModel',
      };
    case 'modelUnsupported':
      return {
        message: l10n.t(
          'The model is of a kind that this version of llama.cpp cannot run ({0}). Choose another one.',
          cause,
        ),
        action: 'chooseModel',
      };
    case 'doesNotFit':
      return {
        message: l10n.t(
          'The model does not fit into memory ({0}). Use fewer GPU layers, a smaller context or a smaller quant level.',
          cause,
        ),
        action: 'openSettings',
      };
    case 'loadFailed':
      return {
        message: l10n.t(
          'The model could not be loaded ({0}). Change the load settings or choose another file.',
          cause,
        ),
        action: 'openSettings',
      };
    case 'noModel':
      return {
        message: l10n.t('No model is loaded. Choose one to go on.'),
        action: 'chooseModel',
      };
    case 'promptTooLong':
      return { message: tooLongInWords(l10n, failure), action: 'openSettings' };
    case 'badRequest':
      return {
        message: l10n.t('The engine could not make sense of a request: {0}. The log shows more.', detail),
        action: 'showLog',
      };
    case 'internal':
      return {
        message: l10n.t('Something went wrong in Layercake: {0}. The log shows more.', detail),
        action: 'showLog',
      };
  }
}

/** Any error in words; undefined for a cancel, which is a result and not shown. */
export function errorInWords(
  l10n: Translator,
  error: unknown,
  context: FailureContext = {},
): FailureWords | undefined {
  if (CancelledError.is(error)) return undefined;
  if (EngineError.is(error)) return failureInWords(l10n, error.failure, context);
  if (UserError.is(error)) return { message: error.message, action: undefined };
  const detail = error instanceof Error ? error.message : String(error);
  return failureInWords(l10n, { reason: 'internal', detail }, context);
}

function crashInWords(l10n: Translator, { detail, restarts }: EngineFailure): FailureWords {
  if (restarts !== undefined) {
    return {
      message: l10n.t(
        'The engine was restarted {0} times in a few minutes and ended each time ({1}). It is not restarted by itself for now; change the load settings, then load the model.',
        restarts,
        detail,
      ),
      action: 'openSettings',
    };
  }
  // Nobody but the system's guard against full memory, or a person, kills like that.
  if (detail.startsWith('SIGKILL')) {
    return {
      message: l10n.t(
        'The engine was killed from outside ({0}), often because memory ran out. What came is kept; the next prompt starts the engine again.',
        detail,
      ),
      action: 'retry',
    };
  }
  if (/out of memory|failed to allocate|unable to allocate|bad_alloc|OutOf\w+Memory/i.test(detail)) {
    return {
      message: l10n.t(
        'The engine ran out of memory and ended ({0}). Use fewer GPU layers or a smaller context; the next prompt starts it again.',
        detail,
      ),
      action: 'openSettings',
    };
  }
  return {
    message: l10n.t(
      'The engine ended unexpectedly ({0}). What came is kept; the next prompt starts it again.',
      detail,
    ),
    action: 'retry',
  };
}

function tooLongInWords(l10n: Translator, { detail, tokens }: EngineFailure): string {
  if (tokens === undefined) {
    return l10n.t(
      'The message does not fit into the context: {0}. Shorten it or use a larger context.',
      detail,
    );
  }
  return l10n.t(
    'The message needs {0} tokens, and the context has room for {1}. Shorten it, take attachments away or use a larger context.',
    tokens.needed,
    tokens.available,
  );
}

function baseName(path: string | undefined): string | undefined {
  return path?.split(/[\\/]/).at(-1);
}
