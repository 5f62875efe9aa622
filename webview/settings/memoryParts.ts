import type { HardwareView, PlanCategory, PlanPlaceView } from '../../src/protocol/webview';

/** In the order in which a bar stacks them. */
export const planCategories: readonly PlanCategory[] = [
  'weights',
  'experts',
  'kv',
  'checkpoints',
  'compute',
  'draft',
  'completion',
  'residual',
];

/** `used`: what is in use where nothing is planned; `other`: what other programs hold beside a plan. */
export type PartName = PlanCategory | 'free' | 'other' | 'used';
export const partNames: readonly PartName[] = [...planCategories, 'free', 'other', 'used'];

export interface MemoryPart {
  name: PartName;
  bytes: number;
  /** Of the bar's length, 0 … 1. */
  share: number;
}

export interface MemoryShares {
  /** Only what takes bytes. */
  parts: MemoryPart[];
  usedBytes: number;
  /** What the whole bar stands for: the memory, or what is wanted of it where that is more. */
  scaleBytes: number;
  /** Where the memory ends, 0 … 1. */
  end: number;
}

/** How a bar shows a place. `rest` names what is not the plan's own. */
export function sharesOf(
  { totalBytes, bytes, otherBytes }: PlanPlaceView,
  rest: 'other' | 'used',
): MemoryShares {
  const own = planCategories.reduce((sum, category) => sum + bytes[category], 0);
  const usedBytes = own + otherBytes;
  const scaleBytes = Math.max(totalBytes, usedBytes, 1);
  const part = (name: PartName, size: number): MemoryPart => ({
    name,
    bytes: size,
    share: size / scaleBytes,
  });
  return {
    parts: [
      ...planCategories.map((category) => part(category, bytes[category])),
      part('free', Math.max(0, totalBytes - usedBytes)),
      part(rest, otherBytes),
    ].filter((each) => each.bytes > 0),
    usedBytes,
    scaleBytes,
    end: totalBytes / scaleBytes,
  };
}

const none: Record<PlanCategory, number> = {
  weights: 0,
  experts: 0,
  kv: 0,
  checkpoints: 0,
  compute: 0,
  draft: 0,
  completion: 0,
  residual: 0,
};

/** RAM while nothing is planned. */
export function ramInUse({ ramTotalBytes, ramAvailableBytes }: HardwareView): PlanPlaceView {
  return { totalBytes: ramTotalBytes, bytes: none, otherBytes: ramTotalBytes - ramAvailableBytes };
}

/** VRAM of all cards while nothing is planned; undefined without a card. */
export function vramInUse({ gpus }: HardwareView): (PlanPlaceView & { name: string }) | undefined {
  if (gpus.length === 0) return undefined;
  return {
    name: gpus.map((gpu) => gpu.name).join(' + '),
    totalBytes: gpus.reduce((sum, gpu) => sum + gpu.totalBytes, 0),
    bytes: none,
    otherBytes: gpus.reduce((sum, gpu) => sum + (gpu.usedBytes ?? 0), 0),
  };
}
