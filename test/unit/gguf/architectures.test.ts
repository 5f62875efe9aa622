import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { architectures, isKnownArchitecture } from '../../../src/gguf/architectures';

const modules = path.join(__dirname, '../../../node_modules');

describe('the architectures', () => {
  it('have all that the library lists', () => {
    const types = readFileSync(
      path.join(modules, 'node-llama-cpp/dist/gguf/types/GgufMetadataTypes.d.ts'),
      'utf8',
    );
    const [, body] = /const enum GgufArchitectureType \{([^}]*)\}/.exec(types) ?? [];
    const listed = [...(body ?? '').matchAll(/= "([^"]+)"/g)].flatMap(([, name]) => name ?? []);
    expect(listed.length).toBeGreaterThan(100);
    // A projector, and what stands for none.
    const others = listed.filter((name) => name !== 'clip' && name !== '(unknown)');
    expect(others.filter((name) => !isKnownArchitecture(name))).toEqual([]);
  });

  it('are all in the llama.cpp that is shipped', (ctx) => {
    const bins = path.join(modules, `@node-llama-cpp/${process.platform}-${process.arch}/bins`);
    if (!existsSync(bins))
      return ctx.skip(`no llama.cpp for ${process.platform}-${process.arch} is installed`);
    const libraries = readdirSync(bins, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(^|[\\/])(lib)?llama[.\w]*\.(so|dylib|dll)$/.test(name),
    );
    expect(libraries.length).toBeGreaterThan(0);
    const binary = libraries.map((name) => readFileSync(path.join(bins, name), 'latin1')).join('\0');
    // Linkers let a string share the end of a longer one: what stands before it says nothing.
    expect(architectures.filter((name) => !binary.includes(`${name}\0`))).toEqual([]);
  });
});
