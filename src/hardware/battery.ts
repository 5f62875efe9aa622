import type { System } from './system';

/** What the machine draws its power from. */
export type PowerSource = 'mains' | 'battery' | 'noBattery';

/** Read now; undefined where the system does not tell. */
export async function readPowerSource(system: System): Promise<PowerSource | undefined> {
  const { platform } = system;
  if (platform === 'linux') return await readSysfs(system);
  if (platform === 'darwin') return await system.run('pmset', ['-g', 'batt']).then(fromPmset, notTold);
  if (platform !== 'win32') return undefined;
  const args = ['-NoProfile', '-NonInteractive', '-Command', windowsScript];
  return await system.run('powershell.exe', args).then(fromBatteryStatus, notTold);
}

function notTold(): undefined {
  return undefined;
}

const sysfsFolder = '/sys/class/power_supply';

/** The kernel's own account, Documentation/ABI/testing/sysfs-class-power. */
async function readSysfs(system: System): Promise<PowerSource> {
  let source: PowerSource = 'noBattery';
  for (const name of await system.list(sysfsFolder)) {
    const read = async (file: string) => (await system.readText(`${sysfsFolder}/${name}/${file}`))?.trim();
    if ((await read('type')) !== 'Battery') {
      // A plugged-in charger decides, though a weak one may let the battery discharge.
      if ((await read('online')) === '1') return 'mains';
      continue;
    }
    // Of a mouse or a headset.
    if ((await read('scope')) === 'Device') continue;
    if ((await read('status')) === 'Discharging') source = 'battery';
    else if (source === 'noBattery') source = 'mains';
  }
  return source;
}

/** "Now drawing from 'Battery Power'", then a line for each battery. */
function fromPmset(output: string): PowerSource {
  if (output.includes("'Battery Power'")) return 'battery';
  return output.includes('InternalBattery') ? 'mains' : 'noBattery';
}

const windowsScript = '(Get-CimInstance -ClassName Win32_Battery).BatteryStatus';

/** A number for each battery: 1 is discharging, 4 low and 5 critical; the others have mains (Win32_Battery). */
function fromBatteryStatus(output: string): PowerSource {
  const states = output.match(/\d+/g);
  if (states === null) return 'noBattery';
  return states.some((state) => ['1', '4', '5'].includes(state)) ? 'battery' : 'mains';
}
