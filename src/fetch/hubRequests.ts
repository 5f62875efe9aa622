import * as v from 'valibot';
import type { HeaderRequest, ModelRequest, RepositoryRequest, SearchRequest } from '../protocol/hub';

export type HubCommand =
  | { kind: 'search'; request: SearchRequest }
  | { kind: 'repository'; request: RepositoryRequest }
  | { kind: 'header'; request: HeaderRequest }
  | { kind: 'model'; request: ModelRequest };
type HubKind = HubCommand['kind'];

const endpoint = v.pipe(v.string(), v.regex(/^https?:\/\//), v.url());
const repository = v.pipe(v.string(), v.regex(/^(?!\.)[\w.-]+\/(?!\.)[\w.-]+$/));
const revision = v.pipe(v.string(), v.regex(/^\w[\w.-]*$/));
/** Of a GGUF file: no way out of the repository, and a name that any disk takes. */
export const modelPath = v.pipe(
  v.string(),
  v.regex(/^(?:(?!\.)[^/\\:*?"<>|]+\/)*(?!\.)[^/\\:*?"<>|]+\.gguf$/i),
);
const file = v.object({
  path: modelPath,
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const search = v.object({
  endpoint,
  text: v.string(),
  limit: v.pipe(v.number(), v.integer(), v.minValue(1)),
});
const list = v.object({ endpoint, repository });
const header = v.object({ endpoint, repository, revision, paths: v.array(modelPath) });
const model = v.object({ endpoint, repository, revision, folder: v.string(), files: v.array(file) });

export function isHubKind(kind: string | undefined): kind is HubKind {
  return kind === 'search' || kind === 'repository' || kind === 'header' || kind === 'model';
}

/** A request as it stands on the command line; undefined where it is none. */
export function parseHubCommand(kind: HubKind, json: string): HubCommand | undefined {
  switch (kind) {
    case 'search':
      return command(kind, search, json);
    case 'repository':
      return command(kind, list, json);
    case 'header':
      return command(kind, header, json);
    case 'model':
      return command(kind, model, json);
  }
}

function command<Kind extends HubKind, Request>(
  kind: Kind,
  schema: v.GenericSchema<unknown, Request>,
  json: string,
): { kind: Kind; request: Request } | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), json);
  return parsed.success ? { kind, request: parsed.output } : undefined;
}
