import { existsSync } from 'node:fs';
import type { BackendFallback } from '../protocol/engine';

/** What hides a GPU from this process; 'unavailable' where nothing of the kind is known. */
export function hidingCause(env: NodeJS.ProcessEnv): BackendFallback['cause'] {
  if (env['FLATPAK_ID'] !== undefined || existsSync('/.flatpak-info')) return 'flatpak';
  if (env['SNAP'] !== undefined) return 'snap';
  if (env['WSL_DISTRO_NAME'] !== undefined && existsSync('/usr/lib/wsl/lib/nvidia-smi')) return 'wsl';
  return 'unavailable';
}
