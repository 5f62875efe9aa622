import { parseArgs } from 'node:util';
import { backendChoices, type BackendChoice } from '../protocol/engine';

export interface EngineArguments {
  /** Unix socket or named pipe to listen on. */
  socketPath: string;
  backend: BackendChoice;
  token: string;
  /** Where saved states are kept from one run to the next; absent: none are. */
  snapshotFolder?: string;
}

/**
 * Reads the command line and the run's token.
 * @throws Error with one line that says what is missing
 */
export function readArguments(args: string[], env: NodeJS.ProcessEnv): EngineArguments {
  const { values } = parseArgs({
    args,
    options: {
      socket: { type: 'string' },
      backend: { type: 'string', default: 'auto' },
      snapshots: { type: 'string' },
    },
  });
  if (values.socket === undefined || values.socket === '') {
    throw new Error('--socket PATH is missing: the socket to listen on');
  }
  const backend = backendChoices.find((choice) => choice === values.backend);
  if (backend === undefined) {
    throw new Error(`--backend is ${values.backend}; it can be ${backendChoices.join(', ')}`);
  }
  const token = env['LAYERCAKE_TOKEN'];
  if (token === undefined || token === '') {
    throw new Error('LAYERCAKE_TOKEN is not set: the token that clients must show');
  }
  const { snapshots } = values;
  const kept = snapshots !== undefined && snapshots !== '' && { snapshotFolder: snapshots };
  return { socketPath: values.socket, backend, token, ...kept };
}
