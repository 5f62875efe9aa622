import { RequestCancelled } from './failure';
import type { LlamaSession } from './llamaSession';

/** How long one thing is measured again and again, ms. */
const measuringMs = 700;
const mostTokens = 64;
const mostPrefills = 3;

/** Seconds of one decoded token, the median of many: a neighbour's burst counts for little. */
export async function timeDecode(session: LlamaSession, signal: AbortSignal): Promise<number> {
  const seconds: number[] = [];
  const start = performance.now();
  let last: number | undefined;
  await session.firstSequence.decode(() => {
    const now = performance.now();
    // The first token warms up: memory is touched, shaders are compiled.
    if (last !== undefined) seconds.push((now - last) / 1000);
    last = now;
    if (signal.aborted) return false;
    return seconds.length === 0 || (seconds.length < mostTokens && now - start < measuringMs);
  });
  if (signal.aborted) throw new RequestCancelled();
  return median(seconds);
}

/**
 * Seconds of one batch of a prompt, the shortest of some.
 * @param atLeast 2 where the first batch warms up
 */
export async function timePrefill(
  session: LlamaSession,
  tokens: number,
  atLeast: number,
  signal: AbortSignal,
): Promise<number> {
  const batch = session.anyTokens(tokens);
  const seconds: number[] = [];
  const start = performance.now();
  for (
    let run = 0;
    run < atLeast || (run <= mostPrefills && performance.now() - start < measuringMs);
    run++
  ) {
    await session.firstSequence.keepPrefix([]);
    const began = performance.now();
    await session.firstSequence.evaluate(batch);
    seconds.push((performance.now() - began) / 1000);
    if (signal.aborted) throw new RequestCancelled();
  }
  return Math.min(...seconds);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
