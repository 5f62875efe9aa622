import { GgufError } from '../gguf/ggufError';
import { shapeOf } from '../plan/shapeOf';
import { RemoteError, type RemoteErrorReason } from '../planner/remoteError';
import { readRemoteModel } from '../planner/remoteParts';
import type { HeaderRequest, HubHeader } from '../protocol/hub';
import { FetchError, toFetchError } from './fetchError';
import type { FetchFailureReason } from '../protocol/fetch';
import { fileAddress } from './hubAddress';

/**
 * Reads the headers of models in a repository, one after the other, and answers each as it comes. What is wrong with
 * one file is its answer; what is wrong with the hub ends it all.
 * @throws FetchError, or what `signal` was aborted with
 */
export async function readHubHeaders(
  { endpoint, paths, ...place }: HeaderRequest,
  answer: (header: HubHeader) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const path of paths) {
    const url = new URL(fileAddress(endpoint, { ...place, path }));
    const name = path.slice(path.lastIndexOf('/') + 1);
    try {
      const { header, bytesRead } = await readRemoteModel(url, name, signal);
      answer({ path, shape: shapeOf(header), bytesRead });
    } catch (error) {
      signal.throwIfAborted();
      if (!GgufError.is(error)) throw RemoteError.is(error) ? ofRemote(error) : toFetchError(error);
      answer({ path, problem: error.detail });
    }
  }
}

const reasons: Readonly<Record<RemoteErrorReason, FetchFailureReason>> = {
  badAddress: 'badRequest',
  unreachable: 'noSource',
  noFile: 'missing',
  noAccess: 'noAccess',
  noRanges: 'noRanges',
  changed: 'noSource',
};

function ofRemote({ reason, detail, cause }: RemoteError): FetchError {
  if (FetchError.is(cause)) return cause;
  if (reason === 'noAccess' && detail.endsWith(' GatedRepo')) return new FetchError('gated', detail);
  return new FetchError(reasons[reason], detail);
}
