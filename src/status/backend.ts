import type { Backend, BackendFallback } from '../protocol/engine';
import type { Translate } from '../translate';
import { formatBytes } from './format';

const names: Record<Backend, string> = { cuda: 'CUDA', vulkan: 'Vulkan', metal: 'Metal', cpu: 'CPU' };

/** What people call it; the same in all languages. */
export function backendName(backend: Backend): string {
  return names[backend];
}

/** Why another backend than the one asked for is in use. */
export function describeFallback(fallback: BackendFallback, inUse: Backend, t: Translate): string {
  const what =
    inUse === 'cpu'
      ? t('{0} could not be used; the model runs on the CPU alone.', backendName(fallback.wanted))
      : t('{0} could not be used; {1} is in use.', backendName(fallback.wanted), backendName(inUse));
  return [what, cause(fallback, t)].filter((part) => part !== '').join(' ');
}

/** What it means that the engine runs in the editor's own Electron on Linux. */
export function describeElectron(hostBufferLimitBytes: number, t: Translate): string {
  return t(
    'No Node.js was found, so the engine runs in the editor’s own Electron, which holds at most {0} of weights in RAM. Install Node.js 20 or newer, or set "layercake.engine.nodePath".',
    formatBytes(hostBufferLimitBytes),
  );
}

function cause({ cause: kind, detail }: BackendFallback, t: Translate): string {
  switch (kind) {
    case 'flatpak':
      return t('The editor runs in a Flatpak, which hides the graphics card. Install it another way.');
    case 'snap':
      return t('The editor runs in a Snap, which hides the graphics card. Install it another way.');
    case 'wsl':
      return t(
        'Under WSL the graphics card needs the Windows driver and its libraries in /usr/lib/wsl/lib. ({0})',
        detail,
      );
    case 'unavailable':
      return detail === '' ? '' : t('Reason: {0}', detail);
  }
}
