import { ErrorCodes, ResponseError } from 'vscode-jsonrpc';
import { CancelledError, EngineError } from '../errors';
import { engineFailureCode, type EngineFailure } from '../protocol/engine';

/** The code with which a JSON-RPC peer answers a request that it gave up on being asked to. */
const requestCancelledCode = -32800;

/** What a refused request means; undefined where the connection itself failed, so that its end tells more. */
export function fromResponseError(error: unknown): EngineError | CancelledError | undefined {
  if (!(error instanceof ResponseError)) return undefined;
  const code: number = error.code;
  const data: unknown = error.data;
  switch (code) {
    case engineFailureCode:
      return isFailure(data) ? new EngineError(data) : internal(error.message);
    case requestCancelledCode:
      return new CancelledError();
    case ErrorCodes.PendingResponseRejected:
    case ErrorCodes.MessageWriteError:
    case ErrorCodes.MessageReadError:
    case ErrorCodes.ConnectionInactive:
      return undefined;
    default:
      return internal(error.message);
  }
}

function internal(detail: string): EngineError {
  return new EngineError({ reason: 'internal', detail });
}

function isFailure(data: unknown): data is EngineFailure {
  return (
    typeof data === 'object' &&
    data !== null &&
    'reason' in data &&
    typeof data.reason === 'string' &&
    'detail' in data &&
    typeof data.detail === 'string'
  );
}
