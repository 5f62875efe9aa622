import type { EngineFailure } from './protocol/engine';

/** A failure of the engine or of a request to it, with its reason. Words are made of it in `errorMessages.ts`. */
export class EngineError extends Error {
  constructor(readonly failure: EngineFailure) {
    super(`${failure.reason}: ${failure.detail}`);
    this.name = 'EngineError';
  }

  static is(error: unknown, reason?: EngineFailure['reason']): error is EngineError {
    return error instanceof EngineError && (reason === undefined || error.failure.reason === reason);
  }
}

/** Thrown where a person stopped something: a result, never shown as an error. */
export class CancelledError extends Error {
  constructor() {
    super('Cancelled');
    this.name = 'CancelledError';
  }

  static is(error: unknown): error is CancelledError {
    return error instanceof CancelledError;
  }
}

/** A message that is already in a person's words. */
export class UserError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UserError';
  }

  static is(error: unknown): error is UserError {
    return error instanceof UserError;
  }
}
