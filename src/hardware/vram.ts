import type { MemoryResult } from '../protocol/engine';
import type { System } from './system';

/** Where a VRAM figure comes from; shown beside it. */
export type VramSource = 'nvidia-smi' | 'sysfs' | 'engine';

/** A graphics card's memory, in bytes, whoever uses it. */
export interface VramDevice {
  name: string;
  totalBytes: number;
  usedBytes: number;
  source: VramSource;
}

const mebibyte = 2 ** 20;
const query = ['--query-gpu=name,memory.total,memory.used', '--format=csv,noheader,nounits'];
/** Under WSL the tool lies outside PATH. */
const nvidiaTools = ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'];
const drmFolder = '/sys/class/drm';
const sharedMs = 1000;

/** Lines of `name, total, used` in MiB. A line that is not so ("[N/A]", a warning) is left out. */
export function parseNvidiaSmi(output: string): VramDevice[] {
  const devices: VramDevice[] = [];
  for (const line of output.split('\n')) {
    // A name may hold commas; the two figures are the last columns.
    const match = /^(.+),\s*(\d+)\s*,\s*(\d+)\s*$/.exec(line.trim());
    if (!match?.[1] || !match[2] || !match[3] || match[2] === '0') continue;
    devices.push({
      name: match[1].trim(),
      totalBytes: Number(match[2]) * mebibyte,
      usedBytes: Number(match[3]) * mebibyte,
      source: 'nvidia-smi',
    });
  }
  return devices;
}

/** One card of /sys/class/drm, from the text of its files (bytes, decimal); undefined where it tells no VRAM. */
export function parseDrmCard(
  card: string,
  files: { total: string | undefined; used: string | undefined; product: string | undefined },
): VramDevice | undefined {
  const totalBytes = decimal(files.total);
  const usedBytes = decimal(files.used);
  if (totalBytes === undefined || usedBytes === undefined || totalBytes === 0) return undefined;
  const product = files.product?.trim();
  return { name: product ? product : `AMD (${card})`, totalBytes, usedBytes, source: 'sysfs' };
}

/** The engine's own figures, where it has any. */
export function fromEngine(memory: MemoryResult): VramDevice[] {
  return memory.devices
    .filter((device) => device.totalBytes > 0)
    .map(({ name, totalBytes, usedBytes }) => ({ name, totalBytes, usedBytes, source: 'engine' as const }));
}

/**
 * Reads the cards from the first source that knows any: NVIDIA's tool, the kernel's files for AMD.
 * A source without a card is not asked again: looking for a missing program every two seconds costs a process each.
 */
export class VramReader {
  #nvidiaTool: string | null | undefined;
  #drmCards: string[] | undefined;

  #recent: { at: number; devices: Promise<VramDevice[]> } | undefined;

  /** `now` in milliseconds. */
  constructor(
    private readonly system: System,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Empty where neither source knows a card. Never rejects. Readers within a second share one reading: the status
   * bar's monitor and the settings page ask at the same moments.
   */
  read(): Promise<VramDevice[]> {
    const at = this.now();
    if (!this.#recent || at - this.#recent.at >= sharedMs) this.#recent = { at, devices: this.#readNow() };
    return this.#recent.devices;
  }

  async #readNow(): Promise<VramDevice[]> {
    const nvidia = await this.#readNvidia();
    return nvidia.length > 0 ? nvidia : this.#readDrm();
  }

  async #readNvidia(): Promise<VramDevice[]> {
    if (this.#nvidiaTool === null) return [];
    for (const tool of this.#nvidiaTool === undefined ? nvidiaTools : [this.#nvidiaTool]) {
      const devices = await this.system.run(tool, query).then(parseNvidiaSmi, () => []);
      if (devices.length === 0) continue;
      this.#nvidiaTool = tool;
      return devices;
    }
    // A tool that answered before may be busy for once; one that never did is not there.
    this.#nvidiaTool ??= null;
    return [];
  }

  async #readDrm(): Promise<VramDevice[]> {
    if (this.system.platform !== 'linux') return [];
    this.#drmCards ??= (await this.system.list(drmFolder)).filter((name) => /^card\d+$/.test(name));
    const devices: VramDevice[] = [];
    for (const card of this.#drmCards) {
      const folder = `${drmFolder}/${card}/device`;
      const device = parseDrmCard(card, {
        total: await this.system.readText(`${folder}/mem_info_vram_total`),
        used: await this.system.readText(`${folder}/mem_info_vram_used`),
        product: await this.system.readText(`${folder}/product_name`),
      });
      if (device) devices.push(device);
    }
    return devices;
  }
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}
