import { listFiles, listModels, modelInfo } from '@huggingface/hub';
import * as v from 'valibot';
import type { HubFile, HubFiles, HubRepository, RepositoryRequest, SearchRequest } from '../protocol/hub';
import { FetchError } from './fetchError';
import { askHub } from './hubAnswer';
import { modelPath } from './hubRequests';

/** Files of one repository looked at: the largest ones hold hundreds. */
const maxFiles = 5_000;

const found = v.object({
  name: v.string(),
  downloads: v.fallback(v.number(), 0),
  likes: v.fallback(v.number(), 0),
  gated: v.fallback(v.union([v.boolean(), v.string()]), false),
});
const commit = v.object({ sha: v.pipe(v.string(), v.regex(/^[\w.-]+$/)), gated: found.entries.gated });
const largeFile = v.object({
  type: v.literal('file'),
  path: modelPath,
  lfs: v.object({
    oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    size: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  }),
});

/** GGUF repositories by words of their names, the most fetched first. @throws FetchError */
export async function searchHub(request: SearchRequest, signal: AbortSignal): Promise<HubRepository[]> {
  const { endpoint, text, limit } = request;
  const repositories: HubRepository[] = [];
  const models = listModels({
    ...access(endpoint, signal),
    search: { query: text, tags: ['gguf'] },
    sort: 'downloads',
    limit,
  });
  for await (const model of understood(models)) {
    const { gated, ...rest } = parsed(found, model);
    repositories.push({ ...rest, gated: gated !== false });
  }
  return repositories;
}

/** The GGUF files of a repository with their sizes and hashes, of its newest commit. @throws FetchError */
export async function listRepository(request: RepositoryRequest, signal: AbortSignal): Promise<HubFiles> {
  const { endpoint, repository } = request;
  const info = modelInfo({ ...access(endpoint, signal), name: repository, additionalFields: ['sha'] });
  const { sha: revision, gated } = parsed(commit, await info.catch(misunderstood));
  const files: HubFile[] = [];
  const entries = listFiles({
    ...access(endpoint, signal),
    ...{ repo: { type: 'model', name: repository }, revision, recursive: true },
  });
  let seen = 0;
  for await (const entry of understood(entries)) {
    if (++seen > maxFiles) break;
    // A file that is kept without a hash could not be checked: models are never that small.
    const file = v.safeParse(largeFile, entry);
    if (!file.success) continue;
    const { path, lfs } = file.output;
    if (!/mmproj|imatrix/i.test(path)) files.push({ path, bytes: lfs.size, sha256: lfs.oid });
  }
  return { repository, revision, gated: gated !== false, files };
}

function access(endpoint: string, signal: AbortSignal) {
  const ask: typeof fetch = (input, init) => askHub(input, init ?? {}, signal);
  return { hubUrl: endpoint.replace(/\/+$/, ''), fetch: ask };
}

async function* understood<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  try {
    yield* items;
  } catch (error) {
    misunderstood(error);
  }
}

/** What the hub's client throws where an answer is none, e.g. the page of a login. */
function misunderstood(error: unknown): never {
  if (FetchError.is(error) || !(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  throw new FetchError('noSource', `the answer is none of a model hub: ${error.message}`);
}

function parsed<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown): Output {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new FetchError('noSource', `the answer is none of a model hub: ${result.issues[0].message}`);
}
