import type { System } from '../hardware/system';

/** Running totals of the system. undefined: this platform does not tell; never 0 in its place. */
export interface Counters {
  /** Major page faults of the engine process: pages that had to be read from the disk. */
  majorFaults: number | undefined;
  /** Bytes that the whole machine read from and wrote to swap. */
  swapInBytes: number | undefined;
  swapOutBytes: number | undefined;
}

/** Video memory of one process as Windows counts it, bytes. */
export interface ProcessVram {
  dedicatedBytes: number;
  /** In system memory; buffers for copies are there by right. */
  sharedBytes: number;
}

/** Reads all counters now. Never rejects. */
export async function readCounters(system: System, pid: number | undefined): Promise<Counters> {
  const none = { majorFaults: undefined, swapInBytes: undefined, swapOutBytes: undefined };
  if (system.platform === 'linux') {
    const [stat, vmstat, pageSize] = await Promise.all([
      pid === undefined ? undefined : system.readText(`/proc/${pid}/stat`),
      system.readText('/proc/vmstat'),
      system.run('getconf', ['PAGESIZE']).then(Number, () => NaN),
    ]);
    return { majorFaults: parseMajorFaults(stat ?? ''), ...parseSwapPages(vmstat ?? '', pageSize) };
  }
  if (system.platform !== 'darwin') return none;
  const [faults, vmStat] = await Promise.all([
    pid === undefined ? '' : system.run('/bin/ps', ['-o', 'pagein=', '-p', String(pid)]).catch(() => ''),
    system.run('/usr/bin/vm_stat', []).catch(() => ''),
  ]);
  return { majorFaults: wholeNumber(faults), ...parseVmStat(vmStat) };
}

/** /proc/<pid>/stat: the tenth value after the name, which stands in brackets and may hold any of them. */
export function parseMajorFaults(text: string): number | undefined {
  const afterName = text.slice(text.lastIndexOf(')') + 1).trim();
  // 3 state, 4 ppid, 5 pgrp, 6 session, 7 tty, 8 tpgid, 9 flags, 10 minflt, 11 cminflt, 12 majflt
  return wholeNumber(afterName.split(/\s+/)[9] ?? '');
}

/** /proc/vmstat, which counts pages since the start of the machine. */
export function parseSwapPages(
  text: string,
  pageSize: number,
): Pick<Counters, 'swapInBytes' | 'swapOutBytes'> {
  const bytes = (name: string) => {
    const pages = wholeNumber(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? '');
    return pages === undefined || !(pageSize > 0) ? undefined : pages * pageSize;
  };
  return { swapInBytes: bytes('pswpin'), swapOutBytes: bytes('pswpout') };
}

/** The text of macOS's vm_stat, which names its page size. */
export function parseVmStat(text: string): Pick<Counters, 'swapInBytes' | 'swapOutBytes'> {
  const pageSize = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? NaN);
  const bytes = (name: string) => {
    const pages = wholeNumber(new RegExp(`^"?${name}"?:\\s+(\\d+)\\.?$`, 'm').exec(text)?.[1] ?? '');
    return pages === undefined || !(pageSize > 0) ? undefined : pages * pageSize;
  };
  return { swapInBytes: bytes('Swapins'), swapOutBytes: bytes('Swapouts') };
}

/** What was counted between two readings; what either lacks is not told. */
export function countedBetween(before: Counters, after: Counters): Counters {
  const difference = (name: keyof Counters) => {
    const [from, to] = [before[name], after[name]];
    return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
  };
  return {
    majorFaults: difference('majorFaults'),
    swapInBytes: difference('swapInBytes'),
    swapOutBytes: difference('swapOutBytes'),
  };
}

/** Windows alone spills and tells; undefined elsewhere. Never rejects. */
export async function readProcessVram(
  system: System,
  pid: number | undefined,
): Promise<ProcessVram | undefined> {
  if (system.platform !== 'win32' || pid === undefined) return undefined;
  // The class's names are English in every language of Windows; those of Get-Counter are not.
  const script =
    `Get-CimInstance Win32_PerfFormattedData_GPUPerformanceCounters_GPUProcessMemory -Filter "Name like 'pid[_]${pid}[_]%'"` +
    ' | Select-Object DedicatedUsage,SharedUsage | ConvertTo-Json -Compress';
  return system
    .run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script])
    .then(parseProcessVram)
    .catch(() => undefined);
}

/** JSON of GPUProcessMemory: one entry for each adapter that the process uses. */
export function parseProcessVram(json: string): ProcessVram | undefined {
  const data: unknown = JSON.parse(json);
  let found: ProcessVram | undefined;
  for (const entry of Array.isArray(data) ? (data as unknown[]) : [data]) {
    const { DedicatedUsage: dedicated, SharedUsage: shared } = Object(entry) as Record<string, unknown>;
    if (typeof dedicated !== 'number' || typeof shared !== 'number') continue;
    found = {
      dedicatedBytes: (found?.dedicatedBytes ?? 0) + dedicated,
      sharedBytes: (found?.sharedBytes ?? 0) + shared,
    };
  }
  return found;
}

function wholeNumber(text: string): number | undefined {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}
