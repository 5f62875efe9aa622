/**
 * What the engine process sees of this process's environment: an allow-list, so that no secret of the editor's and
 * no `NODE_OPTIONS` of a debugger's reaches it.
 */

const allowedNames = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  // Where the dynamic linker finds a driver's libraries.
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'DYLD_FALLBACK_LIBRARY_PATH',
  // Some Vulkan drivers list a device only where its display can be reached.
  'DISPLAY',
  'WAYLAND_DISPLAY',
  // The engine names a sandbox that hides a GPU.
  'FLATPAK_ID',
  'SNAP',
  'SNAP_NAME',
  'WSL_DISTRO_NAME',
  'WSL_INTEROP',
  // Windows: without these neither the loader nor a GPU driver works.
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'OS',
  'USERNAME',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'ALLUSERSPROFILE',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'PROGRAMW6432',
  'COMMONPROGRAMFILES',
  'COMMONPROGRAMFILES(X86)',
  'COMMONPROGRAMW6432',
  'NUMBER_OF_PROCESSORS',
]);

const allowedPrefixes = [
  'LC_',
  'XDG_',
  'CUDA_',
  'NVIDIA_',
  'GGML_',
  'VK_',
  'MESA_',
  'LIBGL_',
  'GALLIUM_',
  'LP_',
  'LVP_',
  'RADV_',
  'AMD_',
  'HSA_',
  'HIP_',
  'ROCR_',
  'ROCM_',
  'MTL_',
  'OMP_',
  'PROCESSOR_',
];

export interface EnvironmentOptions {
  /** The run's token, which a client must show. */
  token: string;
  /** The runtime may be Electron: have it behave as plain Node. */
  electron: boolean;
  platform: NodeJS.Platform;
}

/** The engine's whole environment. */
export function engineEnvironment(
  source: NodeJS.ProcessEnv,
  options: EnvironmentOptions,
): Record<string, string> {
  return {
    ...allowedEnvironment(source, options.platform),
    // Else an abort of llama.cpp's forks a debugger and hangs.
    GGML_NO_BACKTRACE: '1',
    // With libuv's usual four threads small models lose up to two thirds of their speed.
    UV_THREADPOOL_SIZE: '1',
    LAYERCAKE_TOKEN: options.token,
    ...(options.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}

/** The allowed variables alone, as a probe of a runtime gets them. */
export function allowedEnvironment(
  source: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    // Windows keeps a variable's case and ignores it: "Path" is PATH.
    const key = platform === 'win32' ? name.toUpperCase() : name;
    if (value !== undefined && isAllowed(key)) result[name] = value;
  }
  return result;
}

function isAllowed(name: string): boolean {
  return allowedNames.has(name) || allowedPrefixes.some((prefix) => name.startsWith(prefix));
}
