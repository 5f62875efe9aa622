import type { HardwareView } from '../protocol/webview';
import type { EngineSnapshot } from '../engineClient/engine';
import { readPhysicalCores } from './cores';
import { readRam } from './memory';
import type { System } from './system';
import type { VramReader } from './vram';

/** What this machine has, read now. Cards come from the device's own tools, else as the engine sees them. */
export async function readHardware(
  system: System,
  vram: VramReader,
  engine: EngineSnapshot,
): Promise<HardwareView> {
  const [cards, ram, cores] = await Promise.all([vram.read(), readRam(system), readPhysicalCores(system)]);
  const gpus: HardwareView['gpus'] =
    cards.length > 0
      ? cards
      : (engine.info?.devices ?? []).map(({ name, totalBytes, freeBytes }) => ({
          name,
          totalBytes,
          usedBytes: totalBytes - freeBytes,
          source: 'engine',
        }));
  return {
    gpus,
    ramTotalBytes: ram.totalBytes,
    ramAvailableBytes: ram.availableBytes,
    physicalCores: cores ?? engine.info?.mathCores,
  };
}
