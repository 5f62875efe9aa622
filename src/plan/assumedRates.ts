import type { Backend } from '../protocol/engine';
import type { MachineRates } from './machine';
import { isSoftwareGpu } from './softwareGpu';

const gigabyte = 1e9;

/** Share of a card's rated bandwidth that decoding reaches; 0.6 to 0.8 by those who measured. */
const reachedOfVram = 0.7;

/**
 * Rated memory bandwidth of desktop cards, GB/s, as commonly listed; the longer of two matching names counts. Laptop
 * cards of the same name have less. Only a start: calibration measures the card at hand.
 */
const ratedBandwidth: readonly (readonly [name: string, gigabytesPerSecond: number])[] = [
  ['RTX 5090', 1792],
  ['RTX 5080', 960],
  ['RTX 5070 Ti', 896],
  ['RTX 5070', 672],
  ['RTX 5060 Ti', 448],
  ['RTX 5060', 448],
  ['RTX 4090', 1008],
  ['RTX 4080 SUPER', 736],
  ['RTX 4080', 717],
  ['RTX 4070 Ti SUPER', 672],
  ['RTX 4070 Ti', 504],
  ['RTX 4070', 504],
  ['RTX 4060 Ti', 288],
  ['RTX 4060', 272],
  ['RTX 3090 Ti', 1008],
  ['RTX 3090', 936],
  ['RTX 3080 Ti', 912],
  ['RTX 3080', 760],
  ['RTX 3070 Ti', 608],
  ['RTX 3070', 448],
  ['RTX 3060 Ti', 448],
  ['RTX 3060', 360],
  ['RTX 2080 Ti', 616],
  ['RTX 2060', 336],
  ['GTX 1080 Ti', 484],
  ['RX 9070', 640],
  ['RX 7900 XTX', 960],
  ['RX 7900 XT', 800],
  ['RX 7800 XT', 624],
  ['RX 7600', 288],
  ['RX 6800 XT', 512],
  ['RX 6700 XT', 384],
  ['Arc A770', 560],
  ['Arc B580', 456],
];

/** What is known of a machine that nothing was measured on. */
export interface KnownHardware {
  backend: Backend;
  gpuName: string | undefined;
  physicalCores: number;
}

/**
 * Rates to plan with until they are measured.
 * RAM: 45 GB/s, the middle of what dual-channel DDR4 and DDR5 reach (35 to 50; fast DDR5 60 to 75).
 * CPU: half of what one Zen 5 core with AVX-512 reached (8B shape, 28 tok/s of prefill on two cores).
 * GPU: 36 multiply-adds for each byte/s of rated bandwidth, a rule of thumb that nothing here has measured.
 * Copies (10 GB/s, mapped memory over PCIe 4.0) and disk (1.5 GB/s, NVMe read page by page): guesses.
 * `offloadMinBatch`: a constant of llama.cpp's backends, unless its environment says otherwise.
 */
export function assumedRates(known: KnownHardware): MachineRates {
  const cpu = {
    source: 'assumed' as const,
    ramBytesPerSecond: 45 * gigabyte,
    diskBytesPerSecond: 1.5 * gigabyte,
    cpuMultiplyAddsPerSecond: 55e9 * Math.max(1, known.physicalCores),
    offloadMinBatch: 32,
  };
  if (known.backend === 'cpu' || known.gpuName === undefined) {
    return { ...cpu, vramBytesPerSecond: 0, copyBytesPerSecond: 0, gpuMultiplyAddsPerSecond: 0 };
  }
  if (isSoftwareGpu(known.gpuName)) return { ...cpu, ...softwareGpu };
  const unified = known.backend === 'metal';
  const rated = (bandwidthOf(known.gpuName) ?? (unified ? 150 : 400)) * gigabyte;
  return {
    ...cpu,
    vramBytesPerSecond: reachedOfVram * rated,
    // Unified memory is one memory: the CPU reads it as fast, and nothing is copied.
    ...(unified ? { ramBytesPerSecond: reachedOfVram * rated } : {}),
    copyBytesPerSecond: unified ? reachedOfVram * rated : 10 * gigabyte,
    gpuMultiplyAddsPerSecond: 36 * rated,
  };
}

/** A device in software computes on the CPU, slowly (1B, half of it offloaded: 32 tokens in 20 s). */
const softwareGpu = {
  vramBytesPerSecond: 2 * gigabyte,
  copyBytesPerSecond: 2 * gigabyte,
  gpuMultiplyAddsPerSecond: 2e9,
};

/** Bytes/s in GB/s; undefined for a card that is not in the list. */
function bandwidthOf(gpuName: string): number | undefined {
  const name = gpuName.toLowerCase();
  return ratedBandwidth
    .filter(([card]) => name.includes(card.toLowerCase()))
    .sort((a, b) => b[0].length - a[0].length)[0]?.[1];
}
