/** What the names of slots and parts tell. */

/**
 * The channel that a slot's names speak of: "DIMM_A1", "ChannelA-DIMM0", "Controller1-ChannelB", "P0 CHANNEL A",
 * "BANK 0/ChannelA-DIMM0". undefined where they speak of none.
 */
export function channelOf(slot: string, bank: string): string | undefined {
  const names = `${slot} ${bank}`;
  const channel =
    /channel[ _-]?([a-z0-9])\b/i.exec(names)?.[1] ??
    /channel[ _-]?([a-z0-9])[ _-]?dimm/i.exec(names)?.[1] ??
    /\bdimm[ _-]?([a-h])[ _-]?\d?\b/i.exec(names)?.[1];
  if (channel === undefined) return undefined;
  const controller = /controller[ _-]?(\d)/i.exec(names)?.[1] ?? /\bP(\d)\b/.exec(names)?.[1];
  return `${controller ?? 0}/${channel.toUpperCase()}`;
}

/**
 * MT/s in the part numbers of kits with a profile: "F5-6000J3038F16G" (G.Skill), "CMK32GX5M2B5600C36" (Corsair),
 * "KF560C36-16" (Kingston). undefined for any other: a module without a profile runs as the firmware says.
 */
export function ratedByPart(part: string): number | undefined {
  const gSkill = /^F[45]-(\d{4})/.exec(part)?.[1];
  const corsair = /^CM\w+?(\d{4})C\d\d/.exec(part)?.[1];
  const kingston = /^KF[45](\d\d)[CR]\d\d/.exec(part)?.[1];
  const speed = Number(gSkill ?? corsair ?? (kingston === undefined ? NaN : `${kingston}00`));
  return speed >= 2133 && speed <= 10_000 ? speed : undefined;
}
