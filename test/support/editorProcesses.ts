import { readdirSync, readFileSync } from 'node:fs';

/** The engine's process of a profile; an error where there is not exactly one. Linux only. */
export function engineOf(profile: string): number {
  const [pid, ...others] = processesOf(profile, 'engine.mjs');
  if (pid === undefined) throw new Error('No engine process is running.');
  if (others.length > 0) throw new Error(`${others.length + 1} engine processes are running.`);
  return pid;
}

/** Lines that the engine of a profile has printed so far. Linux only. */
export function engineOutput(profile: string): string[] {
  // It writes into a file.
  return readFileSync(`/proc/${engineOf(profile)}/fd/2`, 'utf8').split('\n');
}

/** The extension hosts of a profile's windows. Linux only. */
export function extensionHosts(profile: string): number[] {
  return processesOf(profile, '--type=extensionHost');
}

/** Processes whose home is the profile and whose command line contains a text. */
function processesOf(profile: string, text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(pid, 'cmdline').includes(text))
    .filter((pid) => read(pid, 'environ').split('\0').includes(`HOME=${profile}`))
    .map(Number);
}

function read(pid: string, name: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
