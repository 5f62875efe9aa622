import { stopWithInput } from '../protocol/fetch';
import { FetchError } from './fetchError';
import { isHubKind, parseHubCommand, type HubCommand } from './hubRequests';

export type FetchCommand = (
  | HubCommand
  | { kind: 'starter'; folder: string; endpoint: string | undefined }
  | { kind: 'node'; folder: string; packageName: string; version: string; integrity: string }
) & {
  /** Cancel once standard input ends. */
  stopWithInput: boolean;
};

export const usage = `fetch.mjs starter --to FOLDER [--endpoint URL]
fetch.mjs node --package NAME@VERSION --integrity HASH --to FOLDER
fetch.mjs search|repository|header|model --request JSON`;

/** @throws FetchError `badRequest` */
export function parseFetchArguments(argv: readonly string[]): FetchCommand {
  const [kind, ...rest] = argv;
  if (kind !== 'starter' && kind !== 'node' && !isHubKind(kind))
    throw badRequest(`"${kind ?? ''}" is no command`);
  const options = new Map<string, string>();
  let stop = false;
  while (rest.length > 0) {
    const name = rest.shift();
    if (name === stopWithInput) {
      stop = true;
      continue;
    }
    const value = rest.shift();
    if (name === undefined || !name.startsWith('--') || value === undefined) throw badRequest(`"${name}"`);
    options.set(name, value);
  }
  if (isHubKind(kind)) {
    const command = parseHubCommand(kind, options.get('--request') ?? '');
    if (command === undefined) throw badRequest('--request is none');
    return { ...command, stopWithInput: stop };
  }
  const folder = options.get('--to');
  if (folder === undefined || folder === '') throw badRequest('--to is missing');
  if (kind === 'starter') {
    const endpoint = options.get('--endpoint');
    if (endpoint !== undefined && !/^https?:\/\//.test(endpoint))
      throw badRequest('--endpoint is no web address');
    return { kind, folder, endpoint, stopWithInput: stop };
  }
  // An exact version only: a range would ask the registry which one to take.
  const [, packageName, version] =
    /^((?:@[\w.-]+\/)?[\w.-]+)@(\d+\.\d+\.\d+)$/.exec(options.get('--package') ?? '') ?? [];
  if (packageName === undefined || version === undefined) throw badRequest('--package is no NAME@VERSION');
  const integrity = options.get('--integrity') ?? '';
  if (!/^sha512-[\w+/]{86}==$/.test(integrity)) throw badRequest('--integrity is no SHA-512');
  return { kind, folder, packageName, version, integrity, stopWithInput: stop };
}

function badRequest(what: string): FetchError {
  return new FetchError('badRequest', `${what}\n${usage}`);
}
