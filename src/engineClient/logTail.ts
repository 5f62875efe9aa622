import { closeSync, fstatSync, openSync, readSync, watch, type FSWatcher } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { Emitter } from 'vscode-jsonrpc';

const chunkBytes = 64 * 1024;

/** Follows a file that grows by lines. */
export class LogTail {
  private readonly emitter = new Emitter<string>();
  readonly onLine = this.emitter.event;
  private readonly file: number;
  private readonly decoder = new StringDecoder('utf8');
  private readonly buffer = Buffer.alloc(chunkBytes);
  private watcher: FSWatcher | undefined;
  private position = 0;
  private rest = '';
  private isOpen = true;

  /** @throws where the file cannot be read */
  constructor(path: string, from: 'beginning' | 'now') {
    this.file = openSync(path, 'r');
    if (from === 'now') this.position = fstatSync(this.file).size;
    try {
      this.watcher = watch(path, { persistent: false }, () => this.read());
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // The system has no watch left to give: lines come when somebody reads.
    }
  }

  /** Fires the lines that came since the last time. The system tells of them late, on Windows very late. */
  read(): void {
    while (this.isOpen) {
      const bytes = readSync(this.file, this.buffer, 0, chunkBytes, this.position);
      if (bytes === 0) return;
      this.position += bytes;
      const lines = (this.rest + this.decoder.write(this.buffer.subarray(0, bytes))).split(/\r?\n/);
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.emitter.fire(line);
    }
  }

  /** Fires what is left, a last line without its end included. */
  close(): void {
    if (!this.isOpen) return;
    this.read();
    this.isOpen = false;
    this.watcher?.close();
    closeSync(this.file);
    if (this.rest !== '') this.emitter.fire(this.rest);
    this.emitter.dispose();
  }
}
