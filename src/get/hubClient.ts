import * as v from 'valibot';
import { DownloadError } from '../models/fetchProcess';
import type { FetchMessage } from '../protocol/fetch';
import {
  tokenVariable,
  type HeaderRequest,
  type HubFiles,
  type HubRepository,
  type ModelRequest,
  type RepositoryRequest,
  type SearchRequest,
} from '../protocol/hub';
import { hubFiles, hubHeader, repositories, type HubModelHeader } from './hubAnswers';

/** Runs the download process, as `runFetch` does. */
export type RunFetch = (
  fetchArguments: readonly string[],
  environment: Readonly<Record<string, string>>,
  onMessage: (message: FetchMessage) => void,
  signal: AbortSignal,
) => Promise<string>;

export interface HubClientDeps {
  run: RunFetch;
  /** The person's token for the hub at an address. */
  token: (endpoint: string) => Promise<string | undefined>;
}

/** Asks a hub, in a process of its own. All reject with `DownloadError`, or `CancelledError` after an abort. */
export class HubClient {
  constructor(private readonly deps: HubClientDeps) {}

  async search(request: SearchRequest, signal: AbortSignal): Promise<HubRepository[]> {
    return await this.answer('search', request, repositories, signal);
  }

  async files(request: RepositoryRequest, signal: AbortSignal): Promise<HubFiles> {
    return await this.answer('repository', request, hubFiles, signal);
  }

  async header(
    { path, ...place }: Omit<HeaderRequest, 'paths'> & { path: string },
    signal: AbortSignal,
  ): Promise<HubModelHeader> {
    return await this.answer('header', { ...place, paths: [path] }, hubHeader, signal);
  }

  /** Returns the path of the model. */
  async model(
    request: ModelRequest,
    onMessage: (message: FetchMessage) => void,
    signal: AbortSignal,
  ): Promise<string> {
    return await this.run('model', request, onMessage, signal);
  }

  private async answer<Answer>(
    kind: string,
    request: SearchRequest | RepositoryRequest | HeaderRequest,
    schema: v.GenericSchema<unknown, Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    let value: unknown;
    await this.run(
      kind,
      request,
      (message) => {
        if (message.kind === 'answer') value = message.value;
      },
      signal,
    );
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    throw new DownloadError('internal', `the answer is of another form: ${parsed.issues[0].message}`);
  }

  private async run(
    kind: string,
    request: { endpoint: string },
    onMessage: (message: FetchMessage) => void,
    signal: AbortSignal,
  ): Promise<string> {
    const token = await this.deps.token(request.endpoint);
    const environment = token === undefined ? {} : { [tokenVariable]: token };
    return await this.deps.run([kind, '--request', JSON.stringify(request)], environment, onMessage, signal);
  }
}
