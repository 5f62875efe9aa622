import type { TestContext } from 'vitest';

/** Path of the starter model; skips the test, with the reason, where it could not be had. `npm test` sets both. */
export function starterPath(context: TestContext): string {
  const path = process.env['LAYERCAKE_STARTER'];
  if (path !== undefined) return path;
  return context.skip(process.env['LAYERCAKE_NO_STARTER'] ?? 'LAYERCAKE_STARTER names no model file');
}
