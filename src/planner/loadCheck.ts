import { heldBuffers } from '../models/heldMemory';
import type { Plan } from '../plan/plan';
import type { LoadedBuffer, LoadedModel } from '../protocol/engine';

const mebibyte = 2 ** 20;
/** The largest context (555 MiB) and pools (749 MiB) seen: what is beyond came from other programs meanwhile. */
const mostResidual = (555 + 749) * mebibyte;
/** llama.cpp tells its buffers in hundredths of a MiB. */
const rounding = mebibyte / 8;

/** What a load took of VRAM, measured. Bytes. */
export interface LoadCheck {
  /** llama.cpp's own buffers, of both models. */
  bufferBytes: number;
  /** What the device says beyond them; undefined where it does not tell what is used. */
  residualBytes: number | undefined;
  /** Beyond the plan's budget; 0 within it. */
  overBytes: number;
}

export function checkLoad(plan: Plan, model: LoadedModel): LoadCheck {
  const used = model.deviceUsedBytes;
  const ownBytes = onGpuBytes(model.buffers);
  const bufferBytes = onGpuBytes(heldBuffers(model));
  const residualBytes =
    used === null || ownBytes === 0
      ? undefined
      : Math.min(mostResidual, Math.max(0, used.after - used.before - ownBytes));
  const over = bufferBytes + (residualBytes ?? plan.use.vram.residual) - plan.vramBudgetBytes;
  return { bufferBytes, residualBytes, overBytes: over > rounding ? over : 0 };
}

function onGpuBytes(buffers: readonly LoadedBuffer[]): number {
  return buffers.reduce((sum, { onGpu, bytes }) => sum + (onGpu ? bytes : 0), 0);
}
