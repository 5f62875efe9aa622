/** The download process: fetches one thing, checks it, and says how it goes on standard output. */
import { starterModel } from '../models/catalogue';
import type { FetchMessage } from '../protocol/fetch';
import { tokenVariable } from '../protocol/hub';
import { parseFetchArguments, type FetchCommand } from './fetchArguments';
import { errorText, FetchError } from './fetchError';
import { guardFetch } from './guardedFetch';
import { defaultEndpoint } from './hubAddress';
import { listRepository, searchHub } from './hubFiles';
import { readHubHeaders } from './hubHeaders';
import { fetchHubModel } from './hubModel';
import { fetchModel } from './model';
import { fetchNpmPackage } from './npmPackage';

const cancelled = new AbortController();
const cancel = () => cancelled.abort(new FetchError('cancelled', 'cancelled'));

function report(message: FetchMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function run(command: FetchCommand): Promise<string> {
  const { signal } = cancelled;
  const answer = (value: unknown) => report({ kind: 'answer', value });
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
    case 'search':
      answer(await searchHub(command.request, signal));
      return '';
    case 'repository':
      answer(await listRepository(command.request, signal));
      return '';
    case 'header':
      await readHubHeaders(command.request, answer, signal);
      return '';
    case 'model':
      return fetchHubModel(command.request, { report, signal });
  }
}

/** Before any library has it: none of them may send the token, or follow a redirect, by itself. */
function guard(command: FetchCommand): void {
  if (command.kind === 'node') return;
  const endpoint = ('request' in command ? command.request.endpoint : command.endpoint) ?? defaultEndpoint();
  // The environment may name anything; nobody is asked by it then.
  if (!URL.canParse(endpoint)) return;
  // Empty where there is none.
  const token = process.env[tokenVariable] || undefined;
  globalThis.fetch = guardFetch({ endpoint, token });
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
    guard(command);
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
