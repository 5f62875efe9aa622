import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Serves a folder as hubs do: by ranges, behind a redirect, with marks of content. Counts the bytes it sends. */
export class FileServer {
  bytesSent = 0;
  requests: string[] = [];
  /** Answers with the whole file, whatever is asked for. */
  wholeOnly = false;
  /** Says nothing for ever. */
  silent = false;
  private server: Server | undefined;

  constructor(private readonly folder: string) {}

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      void this.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
    return this;
  }

  /** Address of a file; `/moved/` leads there by a redirect. */
  url(name: string, moved = false): string {
    const { port } = this.server?.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${moved ? 'moved/' : ''}${name}`;
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://any').pathname.slice(1));
    this.requests.push(`${name} ${request.headers.range ?? ''}`);
    if (this.silent) return;
    if (name.startsWith('moved/')) {
      response.writeHead(302, { location: `/${name.slice('moved/'.length)}` }).end();
      return;
    }
    const file = path.join(this.folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    const range = this.wholeOnly ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const first = Number(range?.[1] ?? 0);
    const last = Math.min(Number(range?.[2] ?? Infinity), found.size - 1);
    response.writeHead(range === null ? 200 : 206, {
      etag: `"${found.size}-${found.mtimeMs}"`,
      'content-length': last - first + 1,
      ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${found.size}` }),
    });
    await this.send(file, first, last, response);
  }

  private async send(file: string, first: number, last: number, response: ServerResponse): Promise<void> {
    const count = async function* (this: FileServer, source: AsyncIterable<Buffer>) {
      for await (const piece of source) {
        this.bytesSent += piece.length;
        yield piece;
      }
    };
    await pipeline(createReadStream(file, { start: first, end: last }), count.bind(this), response);
  }
}
