import path from 'node:path';
import type { ChatMessage } from '../src/protocol/engine';
import type { TestEngine } from '../test/support/engineHarness';
import { randomArchitectures, writeRandomModel } from '../test/support/randomModel';
import { longPrompt, withEngine } from './engine';
import type { Figure } from './figure';

/** What need not be read again: in a conversation, on several shapes, and after a restart. */
export async function benchReuse(
  { tiny, small }: { tiny: string; small: string },
  folder: string,
): Promise<Figure[]> {
  const figures = await reuse('dense', tiny, path.join(folder, 'dense-states'));
  for (const shape of randomArchitectures) {
    const file = path.join(folder, `${shape}.gguf`);
    await writeRandomModel(file, shape);
    figures.push(...(await reuse(shape, file, path.join(folder, `${shape}-states`))));
  }
  return [...figures, await restart(small, path.join(folder, 'states'))];
}

/** Tokens evaluated over tokens that differ. */
async function reuse(shape: string, file: string, folder: string): Promise<Figure[]> {
  return await withEngine(async (engine) => {
    // Without flash attention sums do not depend on where a token's cell is.
    await engine.load(file, { contextSize: 8192, flashAttention: 'off' });
    const answer = async (messages: ChatMessage[], conversation: string) => {
      const { result, streamed } = await engine.ask(messages, {
        conversation,
        sampling: { temperature: 0, maxTokens: 32 },
      });
      return { result, streamed, newTokens: result.promptTokens - result.reusedTokens };
    };
    const user = (content: string): ChatMessage => ({ role: 'user', content });
    const first = await answer([user(longPrompt)], 'a');
    const said: ChatMessage = { role: 'assistant', content: first.streamed };
    // The answer's last token was sampled and never evaluated.
    const held = first.result.promptTokens + first.result.outputTokens - 1;
    const figures: Figure[] = [];
    const add = (name: string, evaluated: number, differ: number) => {
      const value = evaluated / differ;
      const of = `${first.result.promptTokens}-token first turn`;
      const bar = { bar: '≤ 1.02', pass: value <= 1.02 };
      figures.push({
        name: `${name} after a ${of}, ${shape}, evaluated over different`,
        value,
        unit: '',
        peer: null,
        ...bar,
      });
    };
    const second = await answer([user(longPrompt), said, user('Now go on with the next part')], 'a');
    add('second turn', second.newTokens, second.result.promptTokens - held);
    const edited = await answer([user(longPrompt), said, user('Then go on with the next part')], 'a');
    add('edited last message', edited.newTokens, edited.result.promptTokens - held);
    await answer([user('Another conversation')], 'b');
    const back = await answer([user(longPrompt), said, user('Then go on with the next part')], 'a');
    // All of it is known: the sampler reads the prompt's last token again.
    add('switch of conversation', back.newTokens, 1);
    return figures;
  }, folder);
}

/** Time to first token after a restart, over that of the first reading; loading excluded. */
async function restart(file: string, folder: string): Promise<Figure> {
  const ask = (engine: TestEngine) =>
    engine.ask([{ role: 'user', content: longPrompt }], {
      conversation: 'a',
      sampling: { temperature: 0, maxTokens: 8 },
    });
  const options = { contextSize: 8192 };
  const read = await withEngine(async (engine) => {
    await engine.load(file, options);
    const { result } = await ask(engine);
    await engine.client.unload();
    return result;
  }, folder);
  const restored = await withEngine(async (engine) => {
    await engine.load(file, options);
    return (await ask(engine)).result;
  }, folder);
  const value = (restored.firstTokenMs ?? Infinity) / (read.firstTokenMs ?? NaN);
  return {
    name: `first token after a restart over a full prefill, 1B shape, ${read.promptTokens} tokens`,
    ...{ value, unit: '', peer: null, bar: '≤ 0.05', pass: value <= 0.05 },
  };
}
