import type { System } from './system';

/** Physical cores in /proc/cpuinfo; processors where it names no cores (ARM); undefined where it has neither. */
export function parseCpuinfo(text: string): number | undefined {
  const cores = new Set<string>();
  let processors = 0;
  for (const block of text.split(/\n\s*\n/)) {
    const field = (name: string) => new RegExp(`^${name}\\s*:\\s*(\\d+)`, 'm').exec(block)?.[1];
    if (field('processor') === undefined) continue;
    processors++;
    const core = field('core id');
    if (core !== undefined) cores.add(`${field('physical id') ?? '0'}:${core}`);
  }
  if (cores.size > 0) return cores.size;
  return processors > 0 ? processors : undefined;
}

/** undefined where the system does not tell. Never rejects. */
export async function readPhysicalCores(system: System): Promise<number | undefined> {
  if (system.platform === 'linux') return parseCpuinfo((await system.readText('/proc/cpuinfo')) ?? '');
  if (system.platform !== 'darwin') return undefined;
  const count = await system.run('/usr/sbin/sysctl', ['-n', 'hw.physicalcpu']).then(Number, () => NaN);
  return Number.isInteger(count) && count > 0 ? count : undefined;
}
