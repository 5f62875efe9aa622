import type { EngineInfo } from '../protocol/engine';

export type NamedDevices = Pick<EngineInfo, 'backend' | 'devices' | 'llamaCppRelease'>;

/** Names the devices and what drives them: what was measured holds for them alone. Without spaces. */
export function deviceKey({ backend, devices, llamaCppRelease }: NamedDevices): string {
  const names = devices.map(({ name }) => name).join('+');
  return [backend, names, llamaCppRelease].join('|').replace(/\s+/g, '_');
}
