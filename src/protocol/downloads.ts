/** What the list of models shows of downloads under way, and what it asks of whoever runs them. */

export interface DownloadView {
  id: string;
  /** What is fetched, e.g. the model's name and quant level. */
  label: string;
  /** Bytes on disk, measured. */
  done: number;
  /** Bytes of all files. */
  total: number;
  /** Measured over the last seconds; 0 while nothing comes. */
  bytesPerSecond: number;
  /** verifying: all bytes are here, and their hash is being compared. */
  state: 'running' | 'paused' | 'verifying' | 'failed';
  /** With `failed`: the cause, and what can be done, in a person's words. */
  problem?: string;
}

export interface RunningDownloads {
  list(): DownloadView[];
  onDidChange(listener: () => void): { dispose(): void };
}
