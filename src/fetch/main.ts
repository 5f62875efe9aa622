/** The download process: fetches one thing, checks it, and says how it goes on standard output. */
import { starterModel } from '../models/catalogue';
import type { FetchMessage } from '../protocol/fetch';
import { parseFetchArguments, type FetchCommand } from './fetchArguments';
import { errorText, FetchError } from './fetchError';
import { fetchModel } from './model';
import { fetchNpmPackage } from './npmPackage';

const cancelled = new AbortController();
const cancel = () => cancelled.abort(new FetchError('cancelled', 'cancelled'));

function report(message: FetchMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function run(command: FetchCommand): Promise<string> {
  const { signal } = cancelled;
  switch (command.kind) {
    case 'starter':
      return fetchModel(starterModel, command.folder, {
        report,
        signal,
        hub: { endpoint: command.endpoint },
      });
    case 'node': {
      const { packageName: name, version, integrity } = command;
      return fetchNpmPackage({ name, version, integrity }, command.folder, report, signal);
    }
  }
}

async function main(): Promise<number> {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, cancel);
  // Whoever started this is gone.
  process.stdout.on('error', cancel);
  // A library that goes on with a transfer given up fails later; that is no news by then.
  process.on('unhandledRejection', (reason) => process.stderr.write(`${errorText(reason)}\n`));
  try {
    const command = parseFetchArguments(process.argv.slice(2));
    if (command.stopWithInput) process.stdin.on('end', cancel).on('error', cancel).resume();
    report({ kind: 'done', path: await run(command) });
    return 0;
  } catch (error) {
    const failure = FetchError.is(error) ? error : new FetchError('internal', errorText(error));
    report({ kind: 'failed', reason: failure.reason, detail: failure.detail });
    return 1;
  }
}

// Left to itself, the process would wait for connections that a library keeps open.
void main().then((code) => process.stdout.write('', () => process.exit(code)));
