import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';

/** npm's settings that decide where packages come from and how they are reached, in pacote's spelling. */
const settings: ReadonlyMap<string, string> = new Map([
  ['registry', 'registry'],
  ['proxy', 'proxy'],
  ['https-proxy', 'httpsProxy'],
  ['noproxy', 'noProxy'],
  ['cafile', 'cafile'],
  ['strict-ssl', 'strictSSL'],
]);

/**
 * The person's own npm settings, as pacote takes them: `npm_config_*` variables over the user's `.npmrc`, with the
 * tokens for private registries. Without a registry of theirs, pacote's own default holds.
 */
export async function readNpmConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  home = homedir(),
): Promise<Record<string, string | boolean>> {
  const variables = new Map(
    Object.entries(environment).flatMap(([name, value]): [string, string][] => {
      const [, key] = /^npm_config_(.+)$/i.exec(name) ?? [];
      return key === undefined || value === undefined
        ? []
        : [[key.toLowerCase().replaceAll('_', '-'), value]];
    }),
  );
  const file = variables.get('userconfig') ?? path.join(home, '.npmrc');
  const config: Record<string, string | boolean> = {};
  for (const [key, value] of [...parseNpmrc(await read(file), environment), ...variables]) {
    const option = settings.get(key) ?? (isCredential(key) ? key : undefined);
    if (option !== undefined && value !== '')
      config[option] = option === 'strictSSL' ? value !== 'false' : value;
  }
  return config;
}

/** `//host/path/:_authToken` and its kin. */
function isCredential(key: string): boolean {
  return /^\/\/.*:(_authToken|_auth|username|_password|certfile|keyfile)$/.test(key);
}

function parseNpmrc(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): [key: string, value: string][] {
  return text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) return [];
    const unquoted = /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
    return [[key, unquoted.replace(/\$\{(\w+)\??\}/g, (whole, name: string) => environment[name] ?? whole)]];
  });
}

async function read(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '');
}
