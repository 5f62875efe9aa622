import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompleteRequest } from '../../src/protocol/engine';
import { temporaryFolder, TestEngine } from '../support/engineHarness';
import { countTo } from '../support/scriptedEditor';
import { writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';

const block = '\n    total += value;\n  }\n  return total;';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: TestEngine;
let model: ScriptedModelInfo;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await writeScriptedModel(join(folder.path, 'fim.gguf'), {
    fim: true,
    scripts: [
      { text: 'left + right;\nand more' },
      { lastWords: ['loop'], text: block },
      { lastWords: ['slowly'], text: countTo(600) },
    ],
  });
  engine = await TestEngine.start();
});

afterAll(async () => {
  engine.client.dispose();
  await folder.remove();
});

const request: CompleteRequest = {
  ...{ prefix: 'return ', suffix: '\n}\n', path: 'src/add.ts', files: [] },
  ...{ maxTokens: 100, maxLines: 1 },
};
const never = new AbortController().signal;

function complete(changes: Partial<CompleteRequest> = {}, signal = never) {
  return engine.client.complete({ ...request, ...changes }, signal);
}

describe('ghost texts', () => {
  beforeAll(async () => {
    const loaded = await engine.load(model.path, { contextSize: 1024 });
    expect(loaded.fim).toBe(true);
  });

  it('fill in by the tokens of the model, one line or several', async () => {
    const line = await complete();
    expect(line).toMatchObject({ text: 'left + right;', stopReason: 'lines', modelPath: model.path });
    const lines = await complete({ maxLines: 9 });
    expect(lines).toMatchObject({ text: 'left + right;\nand more', stopReason: 'end' });
    const broken = await complete({ prefix: 'a loop', suffix: '', maxLines: 2 });
    expect(broken).toMatchObject({ text: '\n    total += value;\n  }', stopReason: 'lines' });
    const short = await complete({ maxTokens: 2 });
    expect(short).toMatchObject({ outputTokens: 2, stopReason: 'maxTokens' });
  });

  it('read what is new alone while a person types', async () => {
    const prefix = 'const answer = 40;\n'.repeat(10);
    const first = await complete({ prefix });
    expect(first.readTokens).toBeGreaterThan(100);
    const next = await complete({ prefix: `${prefix}ret` });
    // What was typed, the suffix, and the tokens around them.
    expect(next.promptTokens - next.reusedTokens).toBeLessThan(20);
    expect(next.reusedTokens + next.readTokens).toBe(next.promptTokens);
  });

  it('put other files before, apart and named', async () => {
    const without = await complete();
    const files = [{ path: 'a.ts', text: 'one' }];
    const withOne = await complete({ files, repository: 'r' });
    // The repository's token and "r\n", the separator and "a.ts\none\n", the separator and "src/add.ts\n".
    expect(withOne.promptTokens - without.promptTokens).toBe(3 + 10 + 12);
  });

  it('refuse what the context has no room for, in numbers', async () => {
    const failure = await complete({ prefix: 'x'.repeat(2000) }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failure: { reason: 'promptTooLong', tokens: { available: 1022 } } });
  });
});
