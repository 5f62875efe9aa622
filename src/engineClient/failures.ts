import { EngineError } from '../errors';
import type { EngineFailure } from '../protocol/engine';

export function noModel(): EngineError {
  return new EngineError({ reason: 'noModel', detail: 'no model is loaded' });
}

export function toFailure(error: unknown): EngineFailure {
  if (EngineError.is(error)) return error.failure;
  return { reason: 'internal', detail: error instanceof Error ? error.message : String(error) };
}
