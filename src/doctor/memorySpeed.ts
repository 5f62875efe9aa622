import type { MemoryModule } from './memoryModules';

/** What the modules come to together; undefined where it is not told. */
export interface MemorySpeed {
  /** MT/s, of the slowest module. */
  speed: number | undefined;
  ratedSpeed: number | undefined;
  channels: number | undefined;
  /** Bytes/s at `speed` over all channels: what the makers rate it at. */
  bandwidth: number | undefined;
  /** The memory profile (XMP, EXPO) is off, or the board cannot do that speed. */
  belowRated: boolean;
  singleChannel: boolean;
}

/** Bits of a channel as modules have it; soldered memory has others, and its channels are not told. */
const channelWidth = 64;

export function memorySpeed(modules: readonly MemoryModule[]): MemorySpeed {
  const speed = least(modules.map((module) => module.speed));
  const ratedSpeed = least(modules.map((module) => module.ratedSpeed));
  const channels = channelsOf(modules);
  return {
    speed,
    ratedSpeed,
    channels,
    bandwidth:
      speed === undefined || channels === undefined ? undefined : speed * 1e6 * (channelWidth / 8) * channels,
    // Firmware rounds: 3200 is told as 3200 or 3192.
    belowRated: speed !== undefined && ratedSpeed !== undefined && speed < ratedSpeed * 0.97,
    singleChannel: channels === 1,
  };
}

function channelsOf(modules: readonly MemoryModule[]): number | undefined {
  const soldered = modules.some(
    ({ kind, width }) => kind?.startsWith('LP') === true || (width !== undefined && width !== channelWidth),
  );
  if (soldered || modules.length === 0) return undefined;
  if (modules.length === 1) return modules[0]?.width === channelWidth || modules[0]?.channel ? 1 : undefined;
  const names = modules.map(({ channel }) => channel);
  return names.includes(undefined) ? undefined : new Set(names).size;
}

/** undefined as soon as one is not told. */
function least(values: readonly (number | undefined)[]): number | undefined {
  const told = values.filter((value) => value !== undefined);
  return told.length === values.length && told.length > 0 ? Math.min(...told) : undefined;
}
