import { stat } from 'node:fs/promises';
import { uncheckedName } from '../protocol/hub';

/** Bytes of a file that a download has left on the disk, finished or not; holes are none. */
export async function bytesThere(target: string, bytes: number): Promise<number> {
  const unchecked = uncheckedName(target);
  for (const name of [target, unchecked, `${unchecked}.ipull`]) {
    const info = await stat(name).catch(() => undefined);
    if (info !== undefined) return Math.min(info.blocks * 512, bytes);
  }
  return 0;
}
