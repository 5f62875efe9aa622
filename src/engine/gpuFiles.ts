import { readdirSync } from 'node:fs';

/** Device files of graphics drivers on Linux: DRM's, NVIDIA's, AMD's for computing, WSL's, those of phones and boards. */
const gpuFile = /^(?:dri|dxg|kfd|nvidia|nvhost|nvmap|nvgpu|mali|kgsl|pvr|galcore)/;

/**
 * False where this system has no device file of any GPU: the GPU libraries would find none, and opening them to see
 * takes a third of the engine's start. True where that cannot be told.
 */
export function mayHaveGpu(
  { env, platform }: Pick<NodeJS.Process, 'env' | 'platform'>,
  deviceFiles: () => string[] = () => readdirSync('/dev'),
): boolean {
  // Elsewhere drivers have no files. A named Vulkan device may be one in software.
  if (platform !== 'linux' || env['GGML_VK_VISIBLE_DEVICES'] !== undefined) return true;
  try {
    return deviceFiles().some((name) => gpuFile.test(name));
  } catch {
    return true;
  }
}
