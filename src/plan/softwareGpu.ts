/** Whether a device computes on the CPU: Mesa's and Chromium's Vulkan in software. */
export function isSoftwareGpu(name: string): boolean {
  return /llvmpipe|lavapipe|swiftshader/i.test(name);
}
