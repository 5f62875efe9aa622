import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { analyticOracle } from '../../src/plan/analyticOracle';
import { shapeOf } from '../../src/plan/shapeOf';
import type { ChatMessage, ChatProgress, ChatRequest, LoadedModel } from '../../src/protocol/engine';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { randomArchitectures, writeRandomModel } from '../support/randomModel';

/** Tokens of an answer; none ends by itself. */
const answerTokens = 24;
const sampling = { temperature: 0, maxTokens: answerTokens };
/** Those of an answer in whose middle another request is sure to come, on a busy machine too. */
const longAnswerTokens = 600;
/** The caches of windows hold 768 tokens so. Without flash attention sums do not depend on where a token's cell is. */
const loadOptions = { contextSize: 8192, batchSize: 512, flashAttention: 'off' } as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => join(folder.path, name);

/** Keeps nothing: what it answers was read anew. */
let fresh: TestEngine;

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const architecture of randomArchitectures) await writeRandomModel(at(architecture), architecture);
  fresh = await TestEngine.start();
});
afterAll(async () => {
  await fresh.client.shutdown();
  await folder.remove();
});

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** So many tokens, each of which is a character, that begin with the name: a character. */
function text(name: string, tokens: number): string {
  const step = characters.indexOf(name) + 1;
  const next = (index: number) => characters[(index * index + index * step) % characters.length] ?? '';
  return name + Array.from({ length: tokens - 1 }, (_, index) => next(index)).join('');
}

const system: ChatMessage = { role: 'system', content: text('S', 400) };
/** Tokens of a first message: twice what the caches of windows hold. */
const longMessage = 1500;
/** The first turn of all conversations here: 1,905 tokens with what the template adds. */
const first = [system, user(text('A', longMessage))];
/** Tokens that a message of the user adds, from its first character on: `<|end|>` and `<|assistant|>` come after it. */
const messageTokens = (length: number) => length + 2;
/** Those of a further turn: `<|end|>` and `<|user|>` too, and the answer's last token, which nobody had to read. */
const turnTokens = (length: number) => messageTokens(length) + 3;

describe.each(randomArchitectures)('%s', (architecture) => {
  let engine: TestEngine;
  let loaded: LoadedModel;
  const answers = new Map<string, string>();
  /** The last few hundred tokens can be cut off at any of them: the cache has room for a batch beside the window. */
  const cutsNearTheEnd = architecture === 'gemma3';

  async function begin(): Promise<void> {
    engine = await TestEngine.start('cpu', { snapshotFolder: at(`${architecture}-states`) });
    engine.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes: 1e9 });
    loaded = await engine.load(at(architecture), loadOptions);
  }

  beforeAll(async () => {
    await begin();
    await fresh.load(at(architecture), loadOptions);
  });
  afterAll(() => engine.client.shutdown());

  /** What the model says where it reads all of it anew. */
  async function freshly(messages: ChatMessage[], maxTokens = answerTokens): Promise<string> {
    const key = JSON.stringify([messages, maxTokens]);
    const known = answers.get(key);
    if (known !== undefined) return known;
    await fresh.client.forget('fresh');
    const { streamed } = await fresh.ask(messages, {
      sampling: { temperature: 0, maxTokens },
      conversation: 'fresh',
    });
    expect(fresh.lastReport.reused).toBe(0);
    answers.set(key, streamed);
    return streamed;
  }

  /** Answers as if all was read anew, with so many tokens of the prompt evaluated, by the library's own count. */
  async function expectAnswer(
    messages: ChatMessage[],
    evaluated: number | undefined,
    request: Partial<ChatRequest> = {},
    onProgress: (progress: ChatProgress) => void = () => undefined,
  ): Promise<string> {
    const asked = { sampling, conversation: 'a', ...request };
    const { maxTokens = answerTokens } = asked.sampling;
    const { streamed, result } = await engine.ask(messages, asked, { onProgress });
    expect(streamed).toBe(await freshly(messages, maxTokens));
    expect(result.outputTokens).toBe(maxTokens);
    // The last token of an answer is not read.
    const told = engine.lastReport.evaluated - (maxTokens - 1);
    if (evaluated !== undefined) expect(told).toBe(evaluated);
    return streamed;
  }

  it('says something else where any part of what it read is another', async () => {
    const other = await freshly([{ ...system, content: text('T', 400) }, first[1] ?? system]);
    expect(other).not.toBe(await freshly(first));
    expect(await freshly([system, user(text('A', longMessage / 2) + text('B', longMessage / 2))])).not.toBe(
      await freshly(first),
    );
  });

  it('reads in each turn what differs, also where the last message is edited or asked again', async () => {
    const second = [...first, assistant(await expectAnswer(first, undefined)), user(text('B', 300))];
    await expectAnswer(second, turnTokens(300));
    await expectAnswer(second, 1);
    const edited = [...second.slice(0, -1), user(text('C', 250))];
    const answer = await expectAnswer(edited, messageTokens(250));
    await expectAnswer([...edited, assistant(answer), user(text('D', 100))], turnTokens(100));
    // A template that drops thoughts, or a person who changes what the model said: the answer is read again.
    const differs = turnTokens(100) - 1 + 10;
    // The prompt's last token is left for the sampler: the state at its end is that before this token.
    const changed = [...edited, assistant(text('X', 10)), user(text('D', 100))];
    await expectAnswer(changed, cutsNearTheEnd ? differs : differs + 1);
  });

  it(`reads ${cutsNearTheEnd ? 'what differs' : 'all of the last message'} where that is edited further in`, async () => {
    const edited = (end: string) => [...first, assistant('x'), user(text('B', 300) + end)];
    await expectAnswer(edited('C'), undefined);
    await expectAnswer(edited('D'), messageTokens(cutsNearTheEnd ? 1 : 301));
  });

  it('goes back several turns, to one of the eight checkpoints that it keeps', async () => {
    const histories: ChatMessage[][] = [first];
    for (const name of ['B', 'C', 'D', 'E', 'F']) {
      const history = histories.at(-1) ?? [];
      const answer = await expectAnswer(history, undefined, { conversation: 'long' });
      histories.push([...history, assistant(answer), user(text(name, 30))]);
    }
    const turn = (number: number) => [...(histories[number] ?? []).slice(0, -1), user(text('Z', 30))];
    await expectAnswer(histories.at(-1) ?? [], turnTokens(30), { conversation: 'long' });
    // Each turn has two: eight of them reach back to the fourth from the end.
    await expectAnswer(turn(2), messageTokens(30), { conversation: 'long' });
    await expectAnswer(turn(1), undefined, { conversation: 'long' });
    const { reused } = engine.lastReport;
    if (cutsNearTheEnd) expect(reused).toBeGreaterThan(400 + longMessage);
    else expect(reused).toBe(messageTokens(400) + 1);
  });

  it('reads what differs after other conversations, from saved states, and after a restart', async () => {
    const start = [system, user(text('W', longMessage))];
    const answer = await expectAnswer(start, messageTokens(longMessage));
    const second = [...start, assistant(answer), user(text('B', 200))];
    // What all conversations begin with is there.
    await expectAnswer([system, user(text('E', 300))], messageTokens(300), { conversation: 'b' });
    const next = await expectAnswer(second, turnTokens(200));
    await expectAnswer([system, user(text('E', 300))], 1, { conversation: 'b' });
    await engine.client.unload();
    await engine.client.shutdown();
    await begin();
    await expectAnswer([...second, assistant(next), user(text('C', 100))], turnTokens(100));
  });

  it('edits the last message after another conversation and a restart from the state saved before it', async () => {
    const second = [...first, assistant(await expectAnswer(first, undefined)), user(text('B', 200))];
    await expectAnswer(second, undefined);
    const edited = (name: string) => [...second.slice(0, -1), user(text(name, 150))];
    await expectAnswer([system, user(text('F', 300))], messageTokens(300), { conversation: 'b' });
    await expectAnswer(edited('C'), messageTokens(150));
    await engine.client.unload();
    await engine.client.shutdown();
    await begin();
    await expectAnswer(edited('D'), messageTokens(150));
  });

  it('goes on with an answer whose only sequence others had in between', async () => {
    const messages = [...first, assistant('x'), user(text('P', 50))];
    const ghosts: ReturnType<TestEngine['ask']>[] = [];
    const prompt = (name: number) => [user(text(String.fromCharCode(72 + name), 200))];
    const { streamed, progress } = await engine.ask(
      messages,
      { sampling: { temperature: 0, maxTokens: longAnswerTokens }, conversation: 'paused' },
      {
        onProgress: ({ kind }) => {
          if (kind !== 'text' || ghosts.length === 3) return;
          ghosts.push(engine.ask(prompt(ghosts.length), { kind: 'ghost', sampling }));
        },
      },
    );
    expect(streamed).toBe(await freshly(messages, longAnswerTokens));
    expect(progress.filter(({ kind }) => kind === 'waiting').length).toBeGreaterThanOrEqual(1);
    expect(ghosts.length).toBe(3);
    for (const [index, ghost] of ghosts.entries()) {
      expect((await ghost).streamed).toBe(await freshly(prompt(index)));
    }
    // The ghosts' states took the place of its checkpoints, not of what it read.
    await expectAnswer([...messages, assistant(streamed), user(text('Q', 60))], turnTokens(60), {
      conversation: 'paused',
    });
  });

  it.each([
    ['after', 'R', answerTokens],
    ['in the middle of', 'U', longAnswerTokens],
  ])(
    'asks again and edits where a ghost text took the only sequence %s the answer',
    async (when, name, maxTokens) => {
      const request = { conversation: name, sampling: { temperature: 0, maxTokens } };
      const prompt = [user(text('G', 200))];
      const withGhost = async (messages: ChatMessage[], evaluated: number | undefined) => {
        let ghost: ReturnType<TestEngine['ask']> | undefined;
        let pauses = 0;
        const onProgress = ({ kind }: ChatProgress) => {
          if (when !== 'after' && kind === 'text') ghost ??= engine.ask(prompt, { kind: 'ghost', sampling });
          if (kind === 'waiting') pauses++;
        };
        // The ghost's own report comes first: what is told is of the answer.
        const answer = await expectAnswer(messages, evaluated, request, onProgress);
        expect(pauses).toBe(when === 'after' ? 0 : 1);
        ghost ??= engine.ask(prompt, { kind: 'ghost', sampling });
        expect((await ghost).streamed).toBe(await freshly(prompt));
        return answer;
      };
      const start = [system, user(text(name, longMessage))];
      await withGhost(start, undefined);
      const answer = await withGhost(start, 1);
      const next = (message: string) => [...start, assistant(answer), user(text(message, 300))];
      await withGhost(next('P'), turnTokens(300));
      await withGhost(next('P'), 1);
      await withGhost(next('Q'), messageTokens(300));
      await expectAnswer(next('Q'), 1, request);
    },
  );

  it('keeps all of a conversation where there is no room for its boundaries too', async () => {
    const states = at(`${architecture}-states`);
    const sizes = async () => {
      const names = (await readdir(states, { recursive: true })).filter((name) => name.endsWith('.state'));
      return await Promise.all(names.map(async (name) => (await stat(join(states, name))).size));
    };
    const ghost = () => engine.ask([user(text('G', 200))], { kind: 'ghost', sampling });
    await engine.ask([system, user(text('Y', 3700))], { sampling, conversation: 'y' });
    await ghost();
    const snapshotBytes = Math.floor(Math.max(...(await sizes())) * 1.2);
    engine.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes });
    const start = [system, user(text('Z', 3600))];
    const answer = await expectAnswer(start, undefined, { conversation: 'z' });
    await ghost();
    expect((await sizes()).reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(snapshotBytes);
    const next = [...start, assistant(answer), user(text('B', 50))];
    await expectAnswer(next, turnTokens(50), { conversation: 'z' });
    engine.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes: 1e9 });
  });

  it('never goes back to a checkpoint of what had its sequence in between', async () => {
    const request = {
      conversation: 'V',
      sampling: { temperature: 0, maxTokens: longAnswerTokens },
    };
    const start = [system, user(text('V', longMessage))];
    const answer = await expectAnswer(start, undefined, request);
    let ghost: ReturnType<TestEngine['ask']> | undefined;
    // Longer than the beginning that is on disk: what is left of it would seem the best place to go on from.
    await expectAnswer(
      [...start, assistant(answer), user(text('P', 300))],
      undefined,
      request,
      ({ kind }) => {
        if (kind === 'text') ghost ??= engine.ask([user(text('H', 900))], { kind: 'ghost', sampling });
      },
    );
    await ghost;
    await expectAnswer(start, undefined, request);
  });

  it('takes what simulation and formulas say', async () => {
    const config = {
      ...{ gpuLayers: 0, contextSize: 8192, batchSize: 512, sequences: 1 },
      ...({ kvCacheType: 'f16', flashAttention: false, mmap: true } as const),
    };
    const [use] = await engine.client.simulate({ modelPath: at(architecture), configs: [config] });
    const bytes = (...kinds: string[]) =>
      loaded.buffers.reduce((sum, { kind, bytes: each }) => sum + (kinds.includes(kind) ? each : 0), 0);
    const context = bytes('KV', 'RS', 'compute', 'output');
    expect(Math.abs((use?.context.ramBytes ?? 0) - context) / context).toBeLessThan(0.005);
    const { ram } = analyticOracle(shapeOf(await readGgufHeader(at(architecture))), { hasGpu: false }).use(
      config,
    );
    // llama.cpp tells its buffers in hundredths of a MiB, each.
    const rounding =
      loaded.buffers.filter(({ kind }) => kind === 'KV' || kind === 'RS').length * 0.005 * 2 ** 20;
    expect(Math.abs(ram.kv - bytes('KV', 'RS'))).toBeLessThan(0.005 * ram.kv + rounding);
  });
});

describe('a sliding window', () => {
  it('is whole after every cut: where it is not in the cache any more, a checkpoint has it', async () => {
    const engine = await TestEngine.start();
    try {
      for (const each of [engine, fresh]) await each.load(at('gemma3'), loadOptions);
      const turn = (content: string) => [...first, assistant('x'), user(content)];
      const { streamed: wanted } = await fresh.ask(turn('CDE'), { sampling });
      expect(fresh.lastReport.reused).toBe(0);
      // The cache begins somewhere in the 64 tokens before the cut with some of these.
      for (let length = 680; length <= 770; length += 10) {
        await engine.ask(turn(text('B', length)), { sampling });
        const { streamed } = await engine.ask(turn('CDE'), { sampling });
        expect(streamed, String(length)).toBe(wanted);
        expect(engine.lastReport.prefilled).toBe(messageTokens(3) - 1);
      }
    } finally {
      await engine.client.shutdown();
    }
  });
});
