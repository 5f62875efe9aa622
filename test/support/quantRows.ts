import { rowBytes } from '../../src/gguf/writeGguf';

/** Those of ggml's types that the scripted models use. */
export type TensorType = 'F32' | 'F16' | 'Q4_0' | 'Q8_0' | 'Q4_K' | 'Q6_K';

/**
 * One row of a tensor whose values are −magnitude, 0 or +magnitude: exact in every type
 * but for the rounding of the magnitude to 16 bits.
 */
export function encodeRow(type: TensorType, signs: Int8Array, magnitude = 1): Buffer {
  const row = Buffer.alloc(rowBytes(type, signs.length));
  switch (type) {
    case 'F32':
      signs.forEach((sign, index) => row.writeFloatLE(sign * magnitude, index * 4));
      break;
    case 'F16':
      signs.forEach((sign, index) => row.writeUInt16LE(toHalf(sign * magnitude), index * 2));
      break;
    case 'Q8_0':
      eachBlock(signs, 32, 34, (block, at) => {
        row.writeUInt16LE(toHalf(magnitude), at);
        block.forEach((sign, index) => row.writeInt8(sign, at + 2 + index));
      });
      break;
    case 'Q4_0':
      eachBlock(signs, 32, 18, (block, at) => {
        row.writeUInt16LE(toHalf(magnitude), at);
        for (let i = 0; i < 16; i++) {
          row[at + 2 + i] = (8 + sign(block, i)) | ((8 + sign(block, i + 16)) << 4);
        }
      });
      break;
    case 'Q4_K':
      eachBlock(signs, 256, 144, (block, at) => encodeQ4K(row, block, at, magnitude));
      break;
    case 'Q6_K':
      eachBlock(signs, 256, 210, (block, at) => encodeQ6K(row, block, at, magnitude));
      break;
  }
  return row;
}

/** value = scale · q − minimum, both one: q is 0, 1 or 2. */
function encodeQ4K(row: Buffer, block: Int8Array, at: number, magnitude: number): void {
  row.writeUInt16LE(toHalf(magnitude), at);
  row.writeUInt16LE(toHalf(magnitude), at + 2);
  row.fill(0x01, at + 4, at + 12);
  row.fill(0x11, at + 12, at + 16);
  for (let chunk = 0; chunk < 4; chunk++) {
    for (let i = 0; i < 32; i++) {
      const low = 1 + sign(block, chunk * 64 + i);
      const high = 1 + sign(block, chunk * 64 + 32 + i);
      row[at + 16 + chunk * 32 + i] = low | (high << 4);
    }
  }
}

/** value = scale · (q − 32), scale one; q is split into four low and two high bits. */
function encodeQ6K(row: Buffer, block: Int8Array, at: number, magnitude: number): void {
  for (let half = 0; half < 2; half++) {
    for (let i = 0; i < 32; i++) {
      const q = [0, 32, 64, 96].map((step) => 32 + sign(block, half * 128 + step + i));
      const [a = 32, b = 32, c = 32, d = 32] = q;
      row[at + half * 64 + i] = (a & 15) | ((c & 15) << 4);
      row[at + half * 64 + 32 + i] = (b & 15) | ((d & 15) << 4);
      row[at + 128 + half * 32 + i] = (a >> 4) | ((b >> 4) << 2) | ((c >> 4) << 4) | ((d >> 4) << 6);
    }
  }
  row.fill(1, at + 192, at + 208);
  row.writeUInt16LE(toHalf(magnitude), at + 208);
}

function eachBlock(
  signs: Int8Array,
  values: number,
  bytes: number,
  encode: (block: Int8Array, at: number) => void,
): void {
  for (let start = 0, at = 0; start < signs.length; start += values, at += bytes) {
    encode(signs.subarray(start, start + values), at);
  }
}

const sign = (block: Int8Array, index: number) => block[index] ?? 0;

/** IEEE half precision of a number in its normal range; what is smaller becomes 0. */
export function toHalf(value: number): number {
  if (value === 0) return 0;
  const negative = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  let exponent = Math.floor(Math.log2(size));
  let fraction = Math.round((size / 2 ** exponent - 1) * 1024);
  if (fraction === 1024) {
    exponent++;
    fraction = 0;
  }
  if (exponent < -14) return negative;
  if (exponent > 15) throw new Error(`${value} is out of half precision's range`);
  return negative | ((exponent + 15) << 10) | fraction;
}
