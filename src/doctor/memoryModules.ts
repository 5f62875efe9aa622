import type { System } from '../hardware/system';
import { channelOf, ratedByPart } from './memoryNames';

/** A memory module as the firmware tells of it. */
export interface MemoryModule {
  bytes: number;
  /** e.g. "DDR5"; undefined where it is not told, as all that follows. */
  kind: string | undefined;
  /** MT/s that the module can do. */
  ratedSpeed: number | undefined;
  /** MT/s at which it runs. */
  speed: number | undefined;
  /** Bits of data. */
  width: number | undefined;
  /** Name of its channel, e.g. "0/A". */
  channel: string | undefined;
}

const windowsScript =
  'Get-CimInstance Win32_PhysicalMemory | Select-Object Capacity,Speed,ConfiguredClockSpeed,SMBIOSMemoryType,' +
  'DataWidth,DeviceLocator,BankLabel,PartNumber | ConvertTo-Json -Compress';

/** What the system tells without root; undefined where it tells nothing. Never rejects. */
export async function readMemoryModules(system: System): Promise<MemoryModule[] | undefined> {
  const modules = await readByPlatform(system).catch(() => []);
  return modules.length > 0 ? modules : undefined;
}

async function readByPlatform(system: System): Promise<MemoryModule[]> {
  const { platform } = system;
  if (platform === 'win32') {
    return parsePhysicalMemory(
      await system.run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', windowsScript]),
    );
  }
  if (platform === 'darwin') {
    return parseSystemProfiler(await system.run('/usr/sbin/system_profiler', ['SPMemoryDataType', '-json']));
  }
  if (platform !== 'linux') return [];
  // For root alone on most distributions, and outside an ordinary PATH.
  return parseDmidecode(
    await system.run('/usr/sbin/dmidecode', ['-t', '17']).catch(() => system.run('dmidecode', ['-t', '17'])),
  );
}

/** SMBIOS's own numbers of memory types. */
const smbiosTypes: Record<number, string> = {
  24: 'DDR3',
  26: 'DDR4',
  29: 'LPDDR3',
  30: 'LPDDR4',
  34: 'DDR5',
  35: 'LPDDR5',
};

/** JSON of Win32_PhysicalMemory: an object for one module, an array for several. */
export function parsePhysicalMemory(json: string): MemoryModule[] {
  const data: unknown = JSON.parse(json);
  return (Array.isArray(data) ? data : [data]).flatMap((entry: unknown) => {
    const field = fieldsOf(entry);
    const bytes = Number(field('Capacity'));
    if (!(bytes > 0)) return [];
    return {
      bytes,
      kind: smbiosTypes[Number(field('SMBIOSMemoryType'))],
      ratedSpeed: rated(positive(field('Speed')), field('PartNumber')),
      speed: positive(field('ConfiguredClockSpeed')),
      width: positive(field('DataWidth')),
      channel: channelOf(field('DeviceLocator'), field('BankLabel')),
    };
  });
}

/** JSON of `system_profiler SPMemoryDataType`: modules on Intel, one memory on Apple silicon. */
export function parseSystemProfiler(json: string): MemoryModule[] {
  const data: unknown = JSON.parse(json);
  return listOf(data, 'SPMemoryDataType').flatMap((memory) => {
    const items = listOf(memory, '_items');
    return (items.length > 0 ? items : [memory]).flatMap((entry) => {
      const field = fieldsOf(entry);
      const bytes = sizeIn(field('dimm_size') || field('SPMemoryDataType'));
      if (bytes === undefined) return [];
      const speed = positive(/^(\d+) M(?:Hz|T\/s)$/.exec(field('dimm_speed'))?.[1]);
      return {
        bytes,
        kind: field('dimm_type') || undefined,
        ratedSpeed: rated(speed, field('dimm_part_number')),
        speed,
        width: undefined,
        channel: channelOf(field('_name'), ''),
      };
    });
  });
}

/** Text of `dmidecode -t 17`; empty slots are left out. */
export function parseDmidecode(text: string): MemoryModule[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    if (!/^Memory Device$/m.test(block)) return [];
    const field = (name: string) => new RegExp(`^\\s+${name}: (.+)$`, 'm').exec(block)?.[1]?.trim() ?? '';
    const bytes = sizeIn(field('Size'));
    if (bytes === undefined) return [];
    const speedOf = (name: string) => positive(/^(\d+) M(?:T\/s|Hz)/.exec(field(name))?.[1]);
    const kind = field('Type');
    return {
      bytes,
      kind: /DDR/.test(kind) ? kind : undefined,
      ratedSpeed: rated(speedOf('Speed'), field('Part Number')),
      speed: speedOf('Configured Memory Speed') ?? speedOf('Configured Clock Speed'),
      width: positive(/^(\d+) bits/.exec(field('Data Width'))?.[1]),
      channel: channelOf(field('Locator'), field('Bank Locator')),
    };
  });
}

/** The firmware calls the speed without a profile rated; the part's name may know of a higher one. */
function rated(told: number | undefined, part: string): number | undefined {
  const named = ratedByPart(part);
  if (told === undefined || named === undefined) return told ?? named;
  return Math.max(told, named);
}

/** "16 GB", "16384 MB": powers of two, whatever they are called. */
function sizeIn(text: string): number | undefined {
  const match = /^(\d+) ([MGT])i?B$/.exec(text);
  if (!match) return undefined;
  const units: Record<string, number> = { M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
  return positive(Number(match[1]) * (units[match[2] ?? ''] ?? NaN));
}

function positive(value: unknown): number | undefined {
  const number = Number(value ?? NaN);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}

/** Text and numbers of a record by name; empty where there are none. */
function fieldsOf(data: unknown): (name: string) => string {
  const record = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  return (name) => {
    const value = record[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
}

function listOf(data: unknown, name: string): unknown[] {
  if (typeof data !== 'object' || data === null) return [];
  const value = (data as Record<string, unknown>)[name];
  return Array.isArray(value) ? value : [];
}
