import { describe, expect, it } from 'vitest';
import { CancelledError, EngineError, UserError } from '../../../src/errors';
import { errorInWords, failureInWords, type Translator } from '../../../src/failureWords';
import type { EngineFailure, FailureReason } from '../../../src/protocol/engine';
import type { FailureAction } from '../../../src/protocol/webview';

/** Fills the places in as the editor does. */
const english: Translator = {
  t: (message, ...args) => message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)])),
};

function words(failure: EngineFailure, modelPath?: string) {
  return failureInWords(english, failure, modelPath === undefined ? {} : { modelPath });
}

describe('a failure in words', () => {
  const actions: Record<FailureReason, FailureAction> = {
    crashed: 'retry',
    noRuntime: 'openSettings',
    startTimeout: 'retry',
    unauthorized: 'retry',
    protocolMismatch: 'showLog',
    modelMissing: 'chooseModel',
    modelNotGguf: 'chooseModel',
    modelTruncated: 'chooseModel',
    modelMalformed: 'chooseModel',
    modelUnsupported: 'chooseModel',
    doesNotFit: 'openSettings',
    loadFailed: 'openSettings',
    noModel: 'chooseModel',
    promptTooLong: 'openSettings',
    badRequest: 'showLog',
    internal: 'showLog',
  };

  it.each(Object.entries(actions) as [FailureReason, FailureAction][])(
    'of kind %s carries the cause and a next step',
    (reason, action) => {
      const found = words({ reason, detail: 'the cause' });
      expect(found.action).toBe(action);
      expect(found.message).toMatch(/^[A-Z].*\.$/);
      expect(found.message).not.toMatch(/[{}!]/);
      if (reason !== 'noModel') expect(found.message).toContain('the cause');
    },
  );

  it('names the file, not its folder', () => {
    const failure: EngineFailure = { reason: 'modelTruncated', detail: '10 of 20 bytes' };
    expect(words(failure, '/home/ada/models/a.gguf').message).toBe(
      'The model is incomplete (a.gguf: 10 of 20 bytes). Download it again or choose another one.',
    );
    expect(words(failure, 'C:\\models\\a.gguf').message).toContain('(a.gguf: 10 of');
    expect(words(failure).message).toContain('(10 of 20 bytes)');
  });

  it('tells a kill from outside, full memory and other crashes apart', () => {
    expect(words({ reason: 'crashed', detail: 'SIGKILL' }).message).toContain(
      'killed from outside (SIGKILL)',
    );
    const full = words({ reason: 'crashed', detail: 'SIGABRT: CUDA error: out of memory' });
    expect(full.message).toContain('ran out of memory');
    expect(full.action).toBe('openSettings');
    const other = words({ reason: 'crashed', detail: 'SIGSEGV' });
    expect(other.message).toContain('ended unexpectedly (SIGSEGV)');
  });

  it('says that it is not restarted any more', () => {
    const { message } = words({ reason: 'crashed', detail: 'SIGSEGV', restarts: 4 });
    expect(message).toContain('restarted 4 times');
    expect(message).not.toContain('the next prompt');
  });

  it('gives the sizes of a prompt that does not fit', () => {
    const { message } = words({
      reason: 'promptTooLong',
      detail: '',
      tokens: { needed: 9000, available: 4096 },
    });
    expect(message).toContain('needs 9000 tokens, and the context has room for 4096');
  });
});

describe('any error in words', () => {
  it('is nothing for a cancel', () => {
    expect(errorInWords(english, new CancelledError())).toBeUndefined();
  });

  it('is the person’s words where it has them', () => {
    expect(errorInWords(english, new UserError('Open a file first.'))).toEqual({
      message: 'Open a file first.',
      action: undefined,
    });
  });

  it('is its failure’s where the engine failed, else internal', () => {
    expect(errorInWords(english, new EngineError({ reason: 'noModel', detail: '' }))?.action).toBe(
      'chooseModel',
    );
    expect(errorInWords(english, new Error('oops'))?.message).toContain('oops');
    expect(errorInWords(english, 'oops')?.action).toBe('showLog');
  });
});
