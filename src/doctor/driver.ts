import type { System } from '../hardware/system';

const nvidiaTools = ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'];
const drmFolder = '/sys/class/drm';
const windowsScript =
  'Get-CimInstance Win32_VideoController | Select-Object Name,DriverVersion | ConvertTo-Json -Compress';

/** Name and version of the graphics driver, e.g. "NVIDIA 550.54.14"; undefined where none is told. Never rejects. */
export async function readDriver(system: System): Promise<string | undefined> {
  for (const tool of nvidiaTools) {
    const version = await system
      .run(tool, ['--query-gpu=driver_version', '--format=csv,noheader'])
      .then(parseNvidiaDriver, () => undefined);
    if (version !== undefined) return `NVIDIA ${version}`;
  }
  const { platform } = system;
  if (platform === 'linux') return readKernelDriver(system);
  if (platform === 'win32') {
    return system
      .run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', windowsScript])
      .then(parseVideoControllers)
      .catch(() => undefined);
  }
  if (platform !== 'darwin') return undefined;
  // Metal's driver comes with the system.
  return system
    .run('/usr/bin/sw_vers', ['-productVersion'])
    .then((version) => `macOS ${version.trim()}`)
    .catch(() => undefined);
}

export function parseNvidiaDriver(output: string): string | undefined {
  return /^\d+(?:\.\d+)+$/m.exec(output)?.[0];
}

/** JSON of Win32_VideoController: an object for one, an array for several. */
export function parseVideoControllers(json: string): string | undefined {
  const data: unknown = JSON.parse(json);
  const drivers = (Array.isArray(data) ? data : [data]).flatMap((entry: unknown) => {
    const { Name: name, DriverVersion: version } = Object(entry) as Record<string, unknown>;
    return typeof name === 'string' && typeof version === 'string' ? `${name} ${version}` : [];
  });
  return drivers.length > 0 ? drivers.join(', ') : undefined;
}

/** The kernel's own module, by its name and the kernel's version. */
async function readKernelDriver(system: System): Promise<string | undefined> {
  const cards = (await system.list(drmFolder)).filter((name) => /^card\d+$/.test(name));
  const kernel = (await system.readText('/proc/sys/kernel/osrelease'))?.trim();
  const modules = new Set<string>();
  for (const card of cards) {
    const uevent = (await system.readText(`${drmFolder}/${card}/device/uevent`)) ?? '';
    const module = /^DRIVER=(\S+)$/m.exec(uevent)?.[1];
    if (module !== undefined) modules.add(module);
  }
  if (modules.size === 0) return undefined;
  return [...modules].join(', ') + (kernel === undefined ? '' : ` (Linux ${kernel})`);
}
