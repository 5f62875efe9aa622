import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface StandFile {
  /** Inside the repository. */
  path: string;
  /** On this disk; it may be sparse. */
  file: string;
  /** What the hub says it is; computed where absent. */
  sha256?: string;
}

export interface StandRepository {
  name: string;
  downloads?: number;
  gated?: boolean;
  files: readonly StandFile[];
}

interface KeptFile extends StandFile {
  sha256: string;
  bytes: number;
}

/** One request, at the hub itself or at the host that it redirects to. */
export interface StandRequest {
  host: 'hub' | 'cdn';
  method: string;
  path: string;
  range: string | undefined;
  authorization: string | undefined;
}

const revision = 'c0ffee'.padEnd(40, '0');

/** Stands for a model hub: its search, file lists and redirects, and the second host that has the bytes. */
export class HubStand {
  readonly requests: StandRequest[] = [];
  /** Of the second host's answers. */
  bytesSent = 0;
  /** Its files can be had in pieces. */
  ranges = true;
  /** This byte of each file is another one. */
  wrongByte: number | undefined;
  /** Bytes after which a connection is cut, again and again. */
  cutAfter: number | undefined;
  /** Of one connection. */
  bytesPerSecond = Infinity;
  /** Where files are redirected to, in place of the second host. */
  redirect: string | undefined;
  /** A signed address is refused after so many requests; the hub signs a new one each time. */
  requestsPerAddress = Infinity;

  private readonly repositories = new Map<string, { gated: boolean; downloads: number; files: KeptFile[] }>();
  private readonly used = new Map<string, number>();
  private signature = 0;
  private readonly hub = createServer((request, response) => void this.answer('hub', request, response));
  private readonly cdn = createServer((request, response) => void this.answer('cdn', request, response));

  /** @param token without which gated files are refused */
  constructor(readonly token = 'hf_right') {}

  async start(): Promise<this> {
    for (const server of [this.hub, this.cdn]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return this;
  }

  stop(): void {
    for (const server of [this.hub, this.cdn]) {
      server.close();
      server.closeAllConnections();
    }
  }

  get endpoint(): string {
    return `http://127.0.0.1:${portOf(this.hub)}`;
  }

  async add({ name, files, gated = false, downloads = 1 }: StandRepository): Promise<void> {
    const kept = await Promise.all(files.map(keep));
    this.repositories.set(name, { gated, downloads, files: kept });
  }

  private async answer(
    host: StandRequest['host'],
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stand');
    const { range, authorization } = request.headers;
    this.requests.push({ host, method: request.method ?? '', path: url.pathname, range, authorization });
    if (host === 'cdn') await this.sendBlob(url, request, response);
    else if (url.pathname === '/api/models') this.sendFound(url, response);
    else if (url.pathname.startsWith('/api/models/')) this.sendAbout(url, response);
    else this.sendRedirect(url, authorization, response);
  }

  private sendFound({ searchParams }: URL, response: ServerResponse): void {
    const text = searchParams.get('search') ?? '';
    const found = [...this.repositories]
      .filter(([name]) => name.toLowerCase().includes(text.toLowerCase()))
      .sort(([, a], [, b]) => b.downloads - a.downloads)
      .slice(0, Number(searchParams.get('limit')))
      .map(([name, { gated, downloads }]) => ({ _id: name, id: name, downloads, likes: 3, gated }));
    sendJson(response, 200, found);
  }

  private sendAbout({ pathname }: URL, response: ServerResponse): void {
    const [, name = '', about = ''] =
      /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\//.exec(pathname) ?? [];
    const repository = this.repositories.get(name);
    // As the hub does to those without a token: it does not tell whether a private one exists.
    if (repository === undefined) refuse(response, 401, 'RepoNotFound');
    else if (about === 'revision') {
      sendJson(response, 200, { _id: name, id: name, sha: revision, gated: repository.gated && 'manual' });
    } else {
      const entries = repository.files.map(({ path, bytes, sha256 }) => ({
        ...{ type: 'file', path, size: bytes, oid: '0'.repeat(40) },
        lfs: { oid: sha256, size: bytes, pointerSize: 134 },
      }));
      const note = { type: 'file', path: 'README.md', size: 12, oid: '1'.repeat(40) };
      sendJson(response, 200, [note, ...entries]);
    }
  }

  private sendRedirect({ pathname }: URL, authorization: string | undefined, response: ServerResponse): void {
    const [, name = '', path = ''] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(pathname) ?? [];
    const repository = this.repositories.get(name);
    const file = repository?.files.find((each) => each.path === decodeURIComponent(path));
    if (repository === undefined) refuse(response, 401, 'RepoNotFound');
    else if (repository.gated && authorization !== `Bearer ${this.token}`) {
      refuse(response, authorization === undefined ? 401 : 403, 'GatedRepo');
    } else if (file === undefined) refuse(response, 404, 'EntryNotFound');
    else {
      const blob = `http://localhost:${portOf(this.cdn)}/blob/${file.sha256}?signature=${++this.signature}`;
      response.writeHead(302, { location: this.redirect ?? blob }).end();
    }
  }

  private async sendBlob(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const files = [...this.repositories.values()].flatMap((repository) => repository.files);
    const file = files.find(({ sha256 }) => url.pathname === `/blob/${sha256}`);
    const uses = (this.used.get(url.search) ?? 0) + 1;
    this.used.set(url.search, uses);
    if (file === undefined || uses > this.requestsPerAddress) {
      response.writeHead(file === undefined ? 404 : 403).end();
      return;
    }
    const [, from, to] = (this.ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || [];
    const start = Number(from ?? 0);
    const end = to === undefined || to === '' ? file.bytes : Math.min(file.bytes, Number(to) + 1);
    response.writeHead(from === undefined ? 200 : 206, {
      'content-length': end - start,
      ...(this.ranges && { 'accept-ranges': 'bytes' }),
      ...(from !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${file.bytes}` }),
    });
    if (request.method === 'HEAD') response.end();
    else await this.sendBytes(file.file, start, end, response);
  }

  private async sendBytes(file: string, start: number, end: number, response: ServerResponse): Promise<void> {
    let position = start;
    const shape = new Transform({
      transform: (piece: Buffer, _, next) => {
        if (this.wrongByte !== undefined) flip(piece, this.wrongByte - position);
        position += piece.length;
        this.bytesSent += piece.length;
        const isCut = this.cutAfter !== undefined && position - start >= this.cutAfter;
        const ms = this.bytesPerSecond === Infinity ? 0 : (piece.length / this.bytesPerSecond) * 1000;
        if (isCut) next(new Error('cut'));
        else if (ms === 0) next(null, piece);
        else setTimeout(() => next(null, piece), ms);
      },
    });
    // Whoever asked may leave at any time.
    await pipeline(createReadStream(file, { start, end: end - 1 }), shape, response).catch(() => undefined);
  }
}

async function keep(file: StandFile): Promise<KeptFile> {
  const { size } = await stat(file.file);
  return { ...file, bytes: size, sha256: file.sha256 ?? (await hashOf(file.file)) };
}

export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}

function flip(piece: Buffer, at: number): void {
  if (at >= 0 && at < piece.length) piece.writeUInt8(piece.readUInt8(at) ^ 1, at);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'x-error-code': code }).end(code);
}
