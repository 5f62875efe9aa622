import type { QuantizeFailureReason } from '../protocol/quantize';

/** A failure with its reason. `detail` is plain technical text. */
export class QuantizeError extends Error {
  constructor(
    readonly reason: QuantizeFailureReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = 'QuantizeError';
  }

  static is(error: unknown): error is QuantizeError {
    return error instanceof QuantizeError;
  }
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
