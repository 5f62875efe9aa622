import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the stand-in for a model hub answers. */
export type Behaviour =
  | 'right'
  /** Bytes of the right number and the wrong content. */
  | 'wrongBytes'
  | 'wrongSize'
  | 'missing'
  /** Takes connections and never answers. */
  | 'silent'
  /** Answers, sends a first part, then nothing more. */
  | 'stalls';

export interface HubServer {
  readonly endpoint: string;
  behaviour: Behaviour;
  /** Method and path of each request. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Serves one file of one revision, through a redirect to another path as the real hub does. */
export async function startHub(path: string, content: Buffer): Promise<HubServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (hub.behaviour === 'silent') return;
    if (pathname === path && hub.behaviour !== 'missing') {
      response.writeHead(302, { location: '/cdn/blob' }).end();
    } else if (pathname === '/cdn/blob') {
      send(request, response, hub.behaviour, content);
    } else {
      response.writeHead(404).end('not here');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hub: HubServer = {
    endpoint: `http://127.0.0.1:${port}`,
    behaviour: 'right',
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return hub;
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: Behaviour,
  content: Buffer,
): void {
  const size = behaviour === 'wrongSize' ? content.length - 1 : content.length;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = to === undefined || to === '' ? size : Math.min(size, Number(to) + 1);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': end - start,
    'accept-ranges': 'bytes',
    ...(from !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const part = Buffer.from(content.subarray(start, end));
  if (behaviour === 'wrongBytes') part.fill(0x2a);
  if (behaviour === 'stalls') response.write(part.subarray(0, Math.min(65_536, part.length >> 1)));
  else response.end(part);
}
