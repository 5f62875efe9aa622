import { writeSync } from 'node:fs';
import type { QuantizeMessage } from '../protocol/quantize';

const standardOutput = 1;
const fullPipeMs = 10;

/** Says it at once: the event loop stands still while llama.cpp works. @throws Error where nobody listens any more */
export function say(message: QuantizeMessage): void {
  let rest = Buffer.from(`${JSON.stringify(message)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSome(rest));
}

function writeSome(bytes: Buffer): number {
  try {
    return writeSync(standardOutput, bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fullPipeMs);
    return 0;
  }
}
