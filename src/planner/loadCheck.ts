import type { Plan } from '../plan/plan';
import type { LoadedModel } from '../protocol/engine';

const mebibyte = 2 ** 20;
/** The largest context (555 MiB) and pools (749 MiB) seen: what is beyond came from other programs meanwhile. */
const mostResidual = (555 + 749) * mebibyte;
/** llama.cpp tells its buffers in hundredths of a MiB. */
const rounding = mebibyte / 8;

/** What a load took of VRAM, measured. Bytes. */
export interface LoadCheck {
  /** llama.cpp's own buffers. */
  bufferBytes: number;
  /** What the device says beyond them; undefined where it does not tell what is used. */
  residualBytes: number | undefined;
  /** Beyond the plan's budget; 0 within it. */
  overBytes: number;
}

export function checkLoad(plan: Plan, { buffers, deviceUsedBytes: used }: LoadedModel): LoadCheck {
  const bufferBytes = buffers.reduce((sum, { onGpu, bytes }) => sum + (onGpu ? bytes : 0), 0);
  const residualBytes =
    used === null || bufferBytes === 0
      ? undefined
      : Math.min(mostResidual, Math.max(0, used.after - used.before - bufferBytes));
  const over = bufferBytes + (residualBytes ?? plan.use.vram.residual) - plan.vramBudgetBytes;
  return { bufferBytes, residualBytes, overBytes: over > rounding ? over : 0 };
}
