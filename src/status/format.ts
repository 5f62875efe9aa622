const mib = 2 ** 20;
const gib = 2 ** 30;

/** "11.3 GiB", "512 MiB". */
export function formatBytes(bytes: number): string {
  return bytes >= gib ? `${(bytes / gib).toFixed(1)} GiB` : `${Math.round(bytes / mib)} MiB`;
}

/** "11.3/12.0 GiB": both in the unit of the total. */
export function formatShare(used: number, total: number): string {
  return total >= gib
    ? `${(used / gib).toFixed(1)}/${(total / gib).toFixed(1)} GiB`
    : `${Math.round(used / mib)}/${Math.round(total / mib)} MiB`;
}

/** "8,192" */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** Tokens a second: "1.9 tok/s", "57 tok/s"; a slow model's tenths matter. */
export function formatRate(tokensPerSecond: number): string {
  return `${tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : formatCount(Math.round(tokensPerSecond))} tok/s`;
}

/** Seconds as "12 s", from a minute and a half on as "2 min". */
export function formatDuration(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

/** The same where tenths of a second matter: "0.2 s", "9.4 s", "12 s". */
export function formatShortDuration(seconds: number): string {
  return seconds < 9.95 ? `${Math.max(0.1, seconds).toFixed(1)} s` : formatDuration(seconds);
}

/** Bytes/s in the makers' unit: "44.8 GB/s". */
export function formatBandwidth(bytesPerSecond: number): string {
  return `${(bytesPerSecond / 1e9).toFixed(1)} GB/s`;
}

/** 0 … 1 as "42 %". */
export function formatPercent(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}

const maxNameLength = 26;

/** A model's name for narrow places, with its quant level: "Llama 3 70B Instruct Q4_K_M". */
export function shortName(name: string, quant: string): string {
  const bare = name.replace(/\.gguf$/i, '').trim();
  const short = bare.length > maxNameLength ? `${bare.slice(0, maxNameLength - 1).trimEnd()}…` : bare;
  const known = quant !== '' && quant !== 'unknown';
  return known && !short.toLowerCase().includes(quant.toLowerCase()) ? `${short} ${quant}` : short;
}

/** Text for a Markdown tooltip that must mean nothing there: a model may be named anything. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+\-.!|<>~$&:]/g, '\\$&');
}
