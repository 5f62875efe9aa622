import * as v from 'valibot';
import type { RuntimeDescription } from './engine';

/** How windows find the engine that they share: a file that only this user can read. */
export interface EngineRecord {
  pid: number;
  socketPath: string;
  token: string;
  logPath: string;
  /** What it runs in. */
  runtime: RuntimeDescription;
}

const recordSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  socketPath: v.string(),
  token: v.string(),
  logPath: v.string(),
  runtime: v.object({
    path: v.string(),
    kind: v.picklist(['node', 'electron']),
    version: v.string(),
    source: v.picklist(['setting', 'editor', 'path', 'loginShell', 'package', 'electron']),
    hostBufferLimitBytes: v.exactOptional(v.number()),
  }),
});

/** undefined where the text is no record: another version's, or cut off. */
export function parseRecord(text: string): EngineRecord | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(recordSchema, data);
  return parsed.success ? parsed.output : undefined;
}
