import type { System } from '../hardware/system';

/** Flags as Linux and macOS name them, in the order of their worth to llama.cpp, and what people call them. */
const known: readonly (readonly [flag: string, name: string])[] = [
  ['amx_int8', 'AMX'],
  ['avx512f', 'AVX-512'],
  ['avx512_vnni', 'AVX-512 VNNI'],
  ['avx512_bf16', 'AVX-512 BF16'],
  ['avx_vnni', 'AVX-VNNI'],
  ['avx2', 'AVX2'],
  ['avx', 'AVX'],
  ['avx1.0', 'AVX'],
  ['fma', 'FMA'],
  ['f16c', 'F16C'],
  ['asimd', 'NEON'],
  ['asimddp', 'dot product'],
  ['i8mm', 'I8MM'],
  ['sve', 'SVE'],
];

/** Instruction sets that llama.cpp makes use of; undefined where the text names no flags at all. */
export function parseInstructionSets(text: string): string[] | undefined {
  const line = /^(?:flags|Features)\s*:\s*(.+)$/m.exec(text)?.[1];
  return line === undefined ? undefined : namesOf(line);
}

/** undefined where the system does not tell. Never rejects. */
export async function readInstructionSets(
  system: System,
  arch: string,
): Promise<readonly string[] | undefined> {
  if (system.platform === 'linux') {
    return parseInstructionSets((await system.readText('/proc/cpuinfo')) ?? '');
  }
  if (system.platform !== 'darwin') return undefined;
  // All of Apple's own have it.
  if (arch === 'arm64') return ['NEON'];
  const names = ['machdep.cpu.features', 'machdep.cpu.leaf7_features'];
  return system.run('/usr/sbin/sysctl', ['-n', ...names]).then(namesOf, () => undefined);
}

function namesOf(flags: string): string[] {
  const set = new Set(flags.toLowerCase().split(/\s+/));
  return [...new Set(known.filter(([flag]) => set.has(flag)).map(([, name]) => name))];
}

/** Whether the CPU lacks what llama.cpp's arithmetic rests on; false where that is not told. */
export function lacksVectors(sets: readonly string[] | undefined): boolean {
  return sets !== undefined && !sets.some((name) => name === 'AVX2' || name === 'NEON');
}
