import { freemem, totalmem } from 'node:os';
import type { System } from './system';

/** RAM in bytes: what this machine or container may use, and what of it programs could still take. */
export interface RamReading {
  totalBytes: number;
  availableBytes: number;
}

/** /proc/meminfo; undefined where a figure is missing. */
export function parseMeminfo(text: string): RamReading | undefined {
  const field = (name: string) => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
    return match?.[1] === undefined ? undefined : Number(match[1]) * 1024;
  };
  const totalBytes = field('MemTotal');
  const availableBytes = field('MemAvailable');
  if (totalBytes === undefined || availableBytes === undefined) return undefined;
  return { totalBytes, availableBytes };
}

/** A control group's limit in bytes, and how much of it is in use once caches are given up. */
export interface CgroupMemory {
  limitBytes: number;
  usedBytes: number;
}

/** From `memory.max`, `memory.current`, `memory.stat` (version 2; 1 has the same under other names). */
export function parseCgroup(
  max: string | undefined,
  current: string | undefined,
  stat: string | undefined,
): CgroupMemory | undefined {
  const limitBytes = Number(max ?? NaN);
  const inUse = Number(current ?? NaN);
  // "max" is no limit; version 1 writes a number beyond any memory instead.
  if (!Number.isFinite(limitBytes) || !Number.isFinite(inUse) || limitBytes > 2 ** 60) return undefined;
  const cache = Number(/^(?:total_)?inactive_file (\d+)$/m.exec(stat ?? '')?.[1] ?? 0);
  return { limitBytes, usedBytes: Math.max(0, inUse - cache) };
}

/** The machine's figures within a group's limit. */
export function withinLimit(machine: RamReading, group: CgroupMemory | undefined): RamReading {
  if (!group || group.limitBytes >= machine.totalBytes) return machine;
  const left = Math.max(0, group.limitBytes - group.usedBytes);
  return { totalBytes: group.limitBytes, availableBytes: Math.min(machine.availableBytes, left) };
}

/** Never rejects. */
export async function readRam(system: System): Promise<RamReading> {
  const fallback = { totalBytes: totalmem(), availableBytes: freemem() };
  if (system.platform !== 'linux') return fallback;
  const machine = parseMeminfo((await system.readText('/proc/meminfo')) ?? '') ?? fallback;
  return withinLimit(machine, await readCgroup(system));
}

/** The narrowest limit from this process's group up to the root. */
async function readCgroup(system: System): Promise<CgroupMemory | undefined> {
  const own = (await system.readText('/proc/self/cgroup')) ?? '';
  const version2 = /^0::(\/.*)$/m.exec(own)?.[1];
  const version1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(own)?.[1];
  let narrowest: CgroupMemory | undefined;
  const consider = (group: CgroupMemory | undefined) => {
    if (group && (!narrowest || group.limitBytes < narrowest.limitBytes)) narrowest = group;
  };
  for (const path of upwards(version2)) {
    const folder = `/sys/fs/cgroup${path}`;
    consider(
      parseCgroup(
        await system.readText(`${folder}/memory.max`),
        await system.readText(`${folder}/memory.current`),
        await system.readText(`${folder}/memory.stat`),
      ),
    );
  }
  for (const path of upwards(version1)) {
    const folder = `/sys/fs/cgroup/memory${path}`;
    consider(
      parseCgroup(
        await system.readText(`${folder}/memory.limit_in_bytes`),
        await system.readText(`${folder}/memory.usage_in_bytes`),
        await system.readText(`${folder}/memory.stat`),
      ),
    );
  }
  return narrowest;
}

/** "/a/b" → "/a/b", "/a", "". In a container the own path may not exist below its mount, but the root does. */
function upwards(path: string | undefined): string[] {
  if (path === undefined) return [];
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return [...parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`), ''];
}
