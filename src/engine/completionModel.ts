import { readGgufHeader } from '../gguf/readHeader';
import type { LoadedModel, LoadOptions } from '../protocol/engine';
import type { OpenedBackend } from './backend';
import type { CompletionModelParts } from './completion';
import { failureOf, problem, RequestCancelled } from './failure';
import { loadModel } from './model';

/** The second model, or why there is none. */
export interface OpenedCompletion {
  parts?: CompletionModelParts;
  described: Pick<LoadedModel, 'completion' | 'completionFailure'>;
}

/**
 * Loads the small model that completions are asked of, where one is wanted. That it cannot be loaded is a result: the
 * model itself serves without it.
 * @throws RequestCancelled
 */
export async function openCompletion(
  backend: OpenedBackend,
  { completion, threads, prefillThreads }: LoadOptions,
  signal: AbortSignal,
): Promise<OpenedCompletion | undefined> {
  if (completion === undefined) return undefined;
  const { modelPath } = completion;
  try {
    const header = await readGgufHeader(modelPath);
    const { fim } = header;
    if (fim === undefined) throw problem('modelUnsupported', `${modelPath} has no tokens for filling in`);
    // The threads are the process's: both models take turns with the same ones.
    const options = { ...completion, threads, prefillThreads, sequences: 1 };
    const { session, described } = await loadModel({ backend, header }, options, () => undefined, signal);
    // Nothing else uses its one sequence, and nothing of it is worth keeping.
    const slots = { enter: () => Promise.resolve(session.firstSequence), leave: () => Promise.resolve() };
    return { parts: { session, modelPath, fim, slots }, described: { completion: described } };
  } catch (error) {
    if (error instanceof RequestCancelled || signal.aborted) throw new RequestCancelled();
    return { described: { completionFailure: failureOf(error) } };
  }
}
