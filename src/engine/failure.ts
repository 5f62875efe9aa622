import { ResponseError } from 'vscode-jsonrpc';
import { GgufError } from '../gguf/ggufError';
import { engineFailureCode, type EngineFailure } from '../protocol/engine';

/** A failure with its reason, as it goes over the wire. */
export class EngineProblem extends Error {
  constructor(readonly failure: EngineFailure) {
    super(`${failure.reason}: ${failure.detail}`);
    this.name = 'EngineProblem';
  }
}

/** Thrown where a request was cancelled and has no result that says so. */
export class RequestCancelled extends Error {
  constructor() {
    super('Cancelled');
    this.name = 'RequestCancelled';
  }
}

export function problem(reason: EngineFailure['reason'], detail: string): EngineProblem {
  return new EngineProblem({ reason, detail });
}

/** JSON-RPC's code for a request that its sender cancelled. */
const requestCancelledCode = -32800;

/** Any error as the answer to a request. */
export function toResponseError(error: unknown): ResponseError<EngineFailure> {
  if (error instanceof RequestCancelled) return new ResponseError(requestCancelledCode, error.message);
  const failure = failureOf(error);
  return new ResponseError(engineFailureCode, `${failure.reason}: ${failure.detail}`, failure);
}

/** Any error in the protocol's terms; what it does not know becomes `internal`. */
export function failureOf(error: unknown): EngineFailure {
  if (error instanceof EngineProblem) return error.failure;
  if (GgufError.is(error)) return { reason: error.reason, detail: error.detail };
  return { reason: 'internal', detail: messageOf(error) };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
