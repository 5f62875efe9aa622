import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FetchError } from '../../../src/fetch/fetchError';
import { readNpmConfig } from '../../../src/fetch/npmConfig';
import { fetchNpmPackage } from '../../../src/fetch/npmPackage';

const archive = tarball({
  'package/package.json': JSON.stringify({ name: 'node-test', version: '1.2.3', bin: { node: 'bin/node' } }),
  'package/bin/node': '#!/bin/sh\necho v24\n',
});
const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;

let root = '';
let server: Server;
let registry = '';
let requests: string[] = [];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'layercake-npm-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`.trim());
    if (request.url === '/node-test') {
      const dist = { tarball: `${registry}/node-test/-/node-test-1.2.3.tgz`, integrity };
      const manifest = { name: 'node-test', version: '1.2.3', dist };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name: 'node-test', 'dist-tags': {}, versions: { '1.2.3': manifest } }));
    } else if (request.url === '/node-test/-/node-test-1.2.3.tgz') response.end(archive);
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The person's settings, as npm would read them: nothing but these may decide where to go.
  await writeFile(path.join(root, 'npmrc'), `registry=${registry}/\n`);
  vi.stubEnv('npm_config_userconfig', path.join(root, 'npmrc'));
  vi.stubEnv('npm_config_registry', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true });
});

const wanted = { name: 'node-test', version: '1.2.3', integrity };
const run = (what = wanted) =>
  fetchNpmPackage(what, path.join(root, 'to/node'), () => undefined, new AbortController().signal);

async function failure(work: Promise<unknown>): Promise<FetchError> {
  try {
    await work;
  } catch (error) {
    if (FetchError.is(error)) return error;
    throw error;
  }
  return expect.fail('the download succeeded');
}

describe('fetchNpmPackage', () => {
  it('unpacks the package from the registry of the person’s npmrc', async () => {
    expect(await run()).toBe(path.join(root, 'to/node'));
    expect(await readFile(path.join(root, 'to/node/bin/node'), 'utf8')).toContain('echo v24');
    if (process.platform !== 'win32') {
      expect((await stat(path.join(root, 'to/node/bin/node'))).mode & 0o111).toBe(0o111);
    }
    expect(await readdir(path.join(root, 'to'))).toEqual(['node']);
    expect(requests).toEqual(['/node-test', '/node-test/-/node-test-1.2.3.tgz']);
  });

  it('replaces what was in the folder', async () => {
    await mkdir(path.join(root, 'to/node'), { recursive: true });
    await writeFile(path.join(root, 'to/node/old'), 'old');
    await run();
    expect(await readdir(path.join(root, 'to/node'))).not.toContain('old');
  });

  it('refuses an archive of another hash and leaves nothing', async () => {
    const other = `sha512-${createHash('sha512').update('other').digest('base64')}`;
    expect((await failure(run({ ...wanted, integrity: other }))).reason).toBe('wrongContent');
    expect(await readdir(path.join(root, 'to'))).toEqual([]);
  });

  it('says where the registry has no such package', async () => {
    const error = await failure(run({ ...wanted, name: 'node-other' }));
    expect(error.reason).toBe('noSource');
    expect(error.detail).toContain('404');
  });
});

describe('readNpmConfig', () => {
  it('takes the person’s registry, proxy and tokens, variables first', async () => {
    await writeFile(
      path.join(root, '.npmrc'),
      [
        '; a comment',
        'registry = "https://mirror.example/npm/"',
        '//mirror.example/npm/:_authToken=${TOKEN}',
        'https-proxy=http://proxy.example:8080',
        'strict-ssl=false',
        'save-exact=true',
      ].join('\n'),
    );
    expect(await readNpmConfig({ TOKEN: 'secret', NPM_CONFIG_HTTPS_PROXY: 'http://other:1' }, root)).toEqual({
      registry: 'https://mirror.example/npm/',
      '//mirror.example/npm/:_authToken': 'secret',
      httpsProxy: 'http://other:1',
      strictSSL: false,
    });
    expect(
      await readNpmConfig({ npm_config_registry: 'https://third.example' }, path.join(root, 'none')),
    ).toEqual({
      registry: 'https://third.example',
    });
  });
});

/** A gzipped tar archive of text files. */
function tarball(files: Record<string, string>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const head = Buffer.alloc(512);
    head.write(name);
    head.write('0000755\0', 100);
    head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('00000000000\0', 136);
    head.write('        ', 148);
    head.write('0', 156);
    head.write('ustar\u000000', 257);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
