/** Why a file is no model that can be loaded; the engine's failures carry the same words. */
export type GgufErrorReason =
  'modelMissing' | 'modelNotGguf' | 'modelTruncated' | 'modelMalformed' | 'modelUnsupported';

/** A file that must not reach llama.cpp. `detail` is plain technical text, untranslated. */
export class GgufError extends Error {
  constructor(
    readonly reason: GgufErrorReason,
    readonly detail: string,
    /** The file is no model by itself, but goes with one. */
    readonly isAccessory = false,
  ) {
    super(`${reason}: ${detail}`);
    this.name = 'GgufError';
  }

  static is(error: unknown, reason?: GgufErrorReason): error is GgufError {
    return error instanceof GgufError && (reason === undefined || error.reason === reason);
  }
}
