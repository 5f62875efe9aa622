import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { deflateRawSync } from 'node:zlib';

/** A `python3` of the tests: what it was called with, and what it does. */
export interface FakePip {
  /** Goes before all else on PATH. */
  readonly folder: string;
  calls(): Promise<string[][]>;
}

/**
 * Writes a script named `python3` that answers `-m pip --version`, and on `-m pip download` puts `wheel` where it was
 * told to, fails with pip's own words ('fails'), or never ends ('hangs').
 */
export async function writeFakePip(folder: string, wheel: Buffer | 'fails' | 'hangs'): Promise<FakePip> {
  await mkdir(folder, { recursive: true });
  const log = path.join(folder, 'calls.jsonl');
  const wheelFile = path.join(folder, 'wheel.bin');
  await writeFile(log, '');
  if (typeof wheel !== 'string') await writeFile(wheelFile, wheel);
  const script = `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify(args) + '\\n');
if (args[2] === '--version') process.exit(0);
const mode = ${JSON.stringify(typeof wheel === 'string' ? wheel : 'works')};
if (mode === 'fails') {
  console.error('WARNING: something else\\nERROR: No matching distribution found for this\\nnotice');
  process.exit(1);
}
fs.writeFileSync(require('node:path').join(process.env.TMPDIR, 'unfinished.whl'), 'half of it');
if (mode === 'hangs') setInterval(() => undefined, 1000);
else fs.copyFileSync(${JSON.stringify(wheelFile)}, require('node:path').join(args[args.indexOf('--dest') + 1], 'test_model-1.2.3-py3-none-any.whl'));
`;
  const file = path.join(folder, 'python3');
  await writeFile(file, script);
  await chmod(file, 0o755);
  return {
    folder,
    calls: async () =>
      (await readFile(log, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as string[]),
  };
}

/** A zip archive, as a wheel is one. */
export function zip(members: Record<string, Buffer>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const packed = deflateRawSync(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    local.push(Buffer.from('PK\u0003\u0004'), shared, Buffer.from(name), packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\u0001\u0002\u0014\0'), shared, rest, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(local.length / 4, 8);
  end.writeUInt16LE(local.length / 4, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
