/** Mocha's skips carry no reason; this one does. Kept on the object itself: each suite is a bundle of its own. */
interface Explained {
  skipReason?: string;
}

/** Skips the running test, or in a `before` hook the suite, and says why in the list at the end of the run. */
export function skipBecause(context: Mocha.Context, reason: string): never {
  const runnable = context.test;
  const isHook = runnable !== undefined && 'type' in runnable && runnable.type === 'hook';
  Object.assign((isHook ? runnable.parent : runnable) ?? {}, { skipReason: reason } satisfies Explained);
  return context.skip();
}

/** The reason that `skipBecause` left for a test, or for a suite around it. */
export function skipReason(test: Mocha.Test): string | undefined {
  const own = (test as Explained).skipReason;
  if (own !== undefined) return own;
  for (let suite = test.parent; suite !== undefined; suite = suite.parent) {
    const reason = (suite as Explained).skipReason;
    if (reason !== undefined) return reason;
  }
  return undefined;
}
