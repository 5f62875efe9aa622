import { runInNewContext } from 'node:vm';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';
import { TestEngine } from '../support/engineHarness';
import { starterPath } from '../support/starter';
import { weatherTool } from '../support/toolDialects';

it('the starter writes an add function in TypeScript that adds', async (ctx) => {
  const modelPath = starterPath(ctx);
  const engine = await TestEngine.start();
  try {
    const model = await engine.load(modelPath);
    expect(model).toMatchObject({ architecture: 'llama', quant: 'Q4_1', totalLayers: 31 });
    const { result, streamed } = await engine.ask('Write an `add(a, b)` function in TypeScript.', {
      sampling: { temperature: 0, maxTokens: 300 },
    });
    expect(streamed).toBe(result.text);
    // CPUs round differently: on some it names TypeScript at the fence, on others JavaScript, with the same code.
    const block = /```(?:typescript|ts|javascript|js)\n([\s\S]*?)```/.exec(result.text)?.[1];
    expect(block, result.text).toBeDefined();
    const { code } = await transform(block ?? '', { loader: 'ts' });
    const runnable = code.replace(/^export\s+/gm, '');
    expect(runInNewContext(`${runnable}\n;add(2, 3)`)).toBe(5);
    expect(runInNewContext(`${runnable}\n;add(-1.5, 1)`)).toBe(-0.5);
    console.log(
      `Starter: ${result.tokensPerSecond?.toFixed(0) ?? '?'} tok/s, first token after ${result.firstTokenMs?.toFixed(0) ?? '?'} ms.`,
    );
  } finally {
    await engine.client.shutdown();
  }
});

it('the starter calls a tool where it must, its words held to a grammar', async (ctx) => {
  const modelPath = starterPath(ctx);
  const engine = await TestEngine.start();
  try {
    await engine.load(modelPath);
    const { result } = await engine.ask('What is the weather in Oslo?', {
      ...{ tools: [weatherTool], mustCallTool: true },
      sampling: { temperature: 0, maxTokens: 100 },
    });
    expect(result.toolCalls).toEqual([
      { name: weatherTool.name, input: expect.objectContaining({ city: 'Oslo' }) as object },
    ]);
  } finally {
    await engine.client.shutdown();
  }
});
