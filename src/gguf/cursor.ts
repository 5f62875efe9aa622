import { GgufError } from './ggufError';
import { limits } from './limits';

/** Thrown inside the parser where the window ends before the header does; never leaves it. */
export class NeedBytes extends Error {
  constructor(readonly atLeast: number) {
    super(`${atLeast} bytes needed`);
  }
}

const twoTo32 = 2 ** 32;
const text = new TextDecoder();

/** Reads little-endian values from the first bytes of a file, never past the file's end or the header's limit. */
export class Cursor {
  private readonly view: DataView;
  position = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly fileSize: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves on by `count` bytes, which then are known to be there, and returns where they begin. */
  take(count: number): number {
    const start = this.position;
    const end = start + count;
    if (end > limits.headerBytes) {
      throw new GgufError('modelMalformed', `the header claims more than ${limits.headerBytes} bytes`);
    }
    if (end > this.fileSize) {
      throw new GgufError('modelTruncated', `the header needs ${end} bytes, the file has ${this.fileSize}`);
    }
    if (end > this.bytes.length) throw new NeedBytes(end);
    this.position = end;
    return start;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  i8(): number {
    return this.view.getInt8(this.take(1));
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  i16(): number {
    return this.view.getInt16(this.take(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }
  f32(): number {
    return this.view.getFloat32(this.take(4), true);
  }
  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }
  /** A bigint only where a number would not be exact. */
  u64(): number | bigint {
    return narrow(this.view.getBigUint64(this.take(8), true));
  }
  i64(): number | bigint {
    return narrow(this.view.getBigInt64(this.take(8), true));
  }

  /** A 64-bit count or size. What is beyond 2⁵³ comes back rounded: it is beyond every limit too. */
  count(): number {
    const at = this.take(8);
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * twoTo32;
  }

  /** Skips a string and returns its length in bytes. */
  skipString(): number {
    const length = this.count();
    this.take(length);
    return length;
  }

  string(maxBytes: number, what: string): string {
    const length = this.count();
    if (length > maxBytes) {
      throw new GgufError('modelMalformed', `${what} claims ${length} bytes; at most ${maxBytes} make sense`);
    }
    return this.decode(this.take(length), length);
  }

  decode(start: number, length: number): string {
    return text.decode(this.bytes.subarray(start, start + length));
  }
}

function narrow(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}
