import { expect, onTestFinished, vi } from 'vitest';
import { EngineError } from '../../../src/errors';
import { startSession, type Harness } from './fakes';

/** A session that ends with the test. */
export function start(...change: Parameters<typeof startSession>): Harness {
  const harness = startSession(...change);
  onTestFinished(() => harness.session.dispose());
  return harness;
}

export const crashed = () => new EngineError({ reason: 'crashed', detail: 'killed by SIGKILL' });

/** A question and its whole answer. */
export async function exchange(harness: Harness, text: string, answer: string): Promise<void> {
  const before = harness.engine.calls.length;
  await harness.session.send(text);
  const call = await harness.call(before);
  call.text(answer);
  call.end();
  await ended(harness, before);
}

export async function ended(harness: Harness, index: number): Promise<void> {
  await vi.waitFor(() => expect(['done', 'failed']).toContain(harness.answer(index).status.kind));
}
