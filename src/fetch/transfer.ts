import { Watchdog } from './watchdog';

export interface Transfer {
  url: string;
  folder: string;
  fileName: string;
  /** How long the transfer may stand still. */
  silenceMs: number;
}

/**
 * Brings the bytes behind an address into a file, over several connections, and returns its path. While it runs, and
 * after it was cut off, they are in a file whose name ends in `.ipull`, from which the next call goes on.
 * @throws FetchError, what the library throws, or what `signal` was aborted with
 */
export async function transferFile(
  { url, folder, fileName, silenceMs }: Transfer,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<string> {
  // Loaded here, so that a process that needs no hub starts without the library.
  const { createModelDownloader } = await import('node-llama-cpp');
  const watchdog = new Watchdog(silenceMs, signal);
  try {
    const downloader = await watchdog.race(
      createModelDownloader({
        // In its usual form a part's name would have the library bring all parts, under names of its own.
        modelUri: url.replace(/(-\d{5}-of-\d{5})\.gguf$/, '$1%2Egguf'),
        ...{ dirPath: folder, fileName, skipExisting: false, deleteTempFileOnCancel: false },
        onProgress: ({ downloadedSize, totalSize }) => {
          watchdog.progress(downloadedSize);
          onProgress(downloadedSize, totalSize);
        },
      }),
    );
    return await watchdog.race(downloader.download({ signal: watchdog.signal }));
  } finally {
    watchdog.stop();
  }
}
