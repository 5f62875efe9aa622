import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompleteRequest, LoadOptions } from '../../src/protocol/engine';
import { temporaryFolder, TestEngine, testLoadOptions } from '../support/engineHarness';
import { countTo } from '../support/scriptedEditor';
import { randomArchitectures, writeRandomModel } from '../support/randomModel';
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

describe('a second model', () => {
  const second = async (changes: Partial<LoadOptions> = {}) => {
    const small = await writeScriptedModel(join(folder.path, 'small.gguf'), {
      ...{ fim: true, name: 'Small', shape: { blocks: 1 }, scripts: [{ text: 'by the small one' }] },
    });
    return { ...testLoadOptions, modelPath: small.path, contextSize: 512, ...changes };
  };

  it('writes ghost texts, and the model itself answers, each with a state of its own', async () => {
    const completion = await second();
    const loaded = await engine.load(model.path, { contextSize: 1024, completion });
    expect(loaded.completion).toMatchObject({ name: 'Small', fim: true, contextSize: 512, gpuLayers: 0 });
    expect(loaded.completion?.memory.ramBytes).toBeGreaterThan(0);
    const first = await engine.ask('Hello');
    expect(await complete({ maxLines: 9 })).toMatchObject({
      ...{ text: 'by the small one', modelPath: completion.modelPath },
    });
    const again = await engine.ask([
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: first.streamed },
      { role: 'user', content: 'Again' },
    ]);
    expect(again.streamed).toBe(first.streamed);
    // Nothing of the conversation had to make room.
    expect(again.result.reusedTokens).toBeGreaterThan(first.result.promptTokens);
  });

  it('comes between the tokens of a long answer', async () => {
    await engine.load(model.path, { contextSize: 1024, completion: await second() });
    const order: string[] = [];
    let ghost: Promise<void> | undefined;
    const { streamed } = await engine.ask(
      'Please go slowly',
      {},
      {
        onProgress: ({ kind }) => {
          if (kind === 'text') ghost ??= complete().then(() => void order.push('ghost'));
        },
      },
    );
    order.push('chat');
    await ghost;
    expect(order).toEqual(['ghost', 'chat']);
    expect(streamed).toBe(countTo(600));
  });

  it('that is no good hinders nothing: the model loads, with the reason told', async () => {
    const missing = await second({ modelPath: join(folder.path, 'missing.gguf') });
    const loaded = await engine.load(model.path, { contextSize: 1024, completion: missing });
    expect(loaded.completion).toBeUndefined();
    expect(loaded.completionFailure).toMatchObject({ reason: 'modelMissing' });
    expect(await complete()).toMatchObject({ text: 'left + right;', modelPath: model.path });
    const plain = await writeScriptedModel(join(folder.path, 'plain.gguf'));
    const without = await engine.load(plain.path, { completion: await second({ modelPath: plain.path }) });
    expect(without.completionFailure).toMatchObject({ reason: 'modelUnsupported' });
    await expect(complete()).rejects.toMatchObject({ failure: { reason: 'noModel' } });
  });
});

describe('a model whose state cannot be cut back', () => {
  it.each(randomArchitectures)(
    '(%s) keeps what is before the typed line, and says the same as if all was read anew',
    async (architecture) => {
      const path = join(folder.path, `${architecture}.gguf`);
      await writeRandomModel(path, architecture, { fim: true });
      await engine.load(path, { contextSize: 1024 });
      const line = '-ba -do -ki\n';
      const typed = (text: string) =>
        complete({ prefix: `${line.repeat(20)}-la${text}`, maxTokens: 12, maxLines: 9 });
      await typed('');
      const kept = await typed('-mo');
      expect(kept.reusedTokens).toBeGreaterThan(60);
      expect(kept.text).not.toBe('');
      await engine.client.unload();
      await engine.load(path, { contextSize: 1024 });
      const anew = await typed('-mo');
      expect(anew.reusedTokens).toBe(0);
      expect(kept.text).toBe(anew.text);
    },
  );
});
