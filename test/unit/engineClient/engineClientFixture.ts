import { ResponseError, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc';
import { onTestFinished } from 'vitest';
import type { EngineClient } from '../../../src/engineClient/engineClient';
import { startEngine, type StartEngineOptions } from '../../../src/engineClient/startEngine';
import { EngineError } from '../../../src/errors';
import {
  engineFailureCode,
  initializeRequest,
  protocolVersion,
  type EngineFailure,
} from '../../../src/protocol/engine';
import { FakeSpawner, type FakeProcess } from './fakeProcess';
import { KeepingLogger } from './keepingLogger';
import { info } from './samples';

/** An engine that checks the token and answers as `more` says. */
export function engine(more?: (connection: MessageConnection, process: FakeProcess) => void): FakeSpawner {
  return new FakeSpawner(
    (process) => process.listen(),
    (connection, process) => {
      connection.onRequest(initializeRequest, ({ token, protocolVersion: version }) => {
        if (token !== process.options.env['LAYERCAKE_TOKEN']) throw refusal('unauthorized', 'wrong token');
        if (version !== protocolVersion) throw refusal('protocolMismatch', `${version}`);
        return info;
      });
      more?.(connection, process);
    },
  );
}

export function refusal(reason: EngineFailure['reason'], detail: string): ResponseError<EngineFailure> {
  return new ResponseError(engineFailureCode, detail, { reason, detail });
}

/** Starts a client of it, which ends with the test. */
export async function start(
  spawner: FakeSpawner,
  more: Partial<StartEngineOptions> = {},
): Promise<EngineClient> {
  const client = await startEngine({
    runtimePath: '/usr/bin/node',
    enginePath: '/app/engine.mjs',
    backend: 'cpu',
    logger: new KeepingLogger(),
    spawn: spawner.spawn,
    ...more,
  });
  onTestFinished(() => client.dispose());
  return client;
}

export async function failureOf(promise: Promise<unknown>): Promise<EngineFailure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!EngineError.is(error)) throw new Error(`Not an EngineError: ${String(error)}`);
  return error.failure;
}

export function cancelled(token: CancellationToken): Promise<void> {
  return new Promise((resolve) => token.onCancellationRequested(() => resolve()));
}
