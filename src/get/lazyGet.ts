import { readdir } from 'node:fs/promises';
import type { RunningDownloads } from '../protocol/downloads';
import type { ModelOffers } from '../protocol/webview';
import type { GetPart, GetParts } from './createGet';
import type { FirstOffersDeps } from './firstOffers';

export interface LazyGet extends RunningDownloads {
  handlers: Record<
    'getModel' | 'pauseDownload' | 'resumeDownload' | 'cancelDownload',
    (argument: unknown) => Promise<void>
  >;
  /** What to begin with where no model is configured. */
  firstOffers: (deps: Pick<FirstOffersDeps, 'models' | 'preview'>) => Promise<ModelOffers>;
  dispose(): void;
}

/** Search and downloads, loaded when they are first asked for, or where an earlier window left a download. */
export function lazyGet(parts: GetParts): LazyGet {
  const listeners = new Set<() => void>();
  let part: GetPart | undefined;
  let loading: Promise<GetPart> | undefined;
  const load = () =>
    (loading ??= import('./createGet').then((module) => {
      part = module.createGet(parts);
      part.downloads.onDidChange(() => {
        for (const listener of [...listeners]) listener();
      });
      return part;
    }));
  void readdir(parts.recordsFolder).then(
    async (names) => {
      if (names.length > 0) await (await load()).restore();
    },
    () => undefined,
  );
  return {
    list: () => part?.downloads.list() ?? [],
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    handlers: {
      // The first screen names a repository; menus and the palette do not.
      getModel: async (repository) =>
        (await load()).getModel(typeof repository === 'string' ? repository : undefined),
      pauseDownload: async (row) => (await load()).downloads.pause(idOf(row)),
      resumeDownload: async (row) => (await load()).downloads.resume(idOf(row)),
      cancelDownload: async (row) => (await load()).downloads.cancel(idOf(row)),
    },
    firstOffers: async (deps) => (await load()).firstOffers(deps),
    dispose: () => part?.dispose(),
  };
}

/** The list's own menus are the only ones that run these commands. */
function idOf(row: unknown): string {
  return typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : '';
}
