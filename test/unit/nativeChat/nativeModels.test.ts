import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import type { LibraryEntry } from '../../../src/library/entry';
import { NativeModels } from '../../../src/nativeChat/nativeModels';
import { toolMemory } from '../../../src/nativeChat/toolMemory';
import type { Plan } from '../../../src/plan/plan';
import type { LoadedModel } from '../../../src/protocol/engine';
import { loadedModel } from '../../support/loadedModel';
import { KeepingLogger } from '../engineClient/keepingLogger';
import { modelBytes, parse } from '../gguf/smallModel';
import { translate } from '../models/translate';

const calling = '<|im_start|>{{ tools | tojson }}<tool_call>';
const planned = { verdict: 'fits', config: { contextSize: 32_768 }, rates: { prefill: 170 } } as Plan;

function entry(name: string, template: string): LibraryEntry {
  const path = `/models/${name}.gguf`;
  const header = parse(modelBytes({ 'tokenizer.chat_template': ['string', template] }));
  return {
    ...{ path, name, parts: [path], places: ['folder'], copies: [{ place: 'folder', path, parts: [path] }] },
    ...{ sizeBytes: 5e9, own: false, file: { path, identity: path, header } },
  };
}

class Memory {
  private readonly values = new Map<string, unknown>();
  readonly get = (key: string) => this.values.get(key);
  readonly update = (key: string, value: unknown) => Promise.resolve(void this.values.set(key, value));
}

describe('models for others', () => {
  let entries: LibraryEntry[];
  let model: LoadedModel | undefined;
  let plan: Plan;
  let readSeconds: number | undefined;
  let memory: Memory;
  const changed = vi.fn();
  const search = vi.fn(() => Promise.resolve(entries));

  const create = () =>
    new NativeModels({
      engine: {
        get snapshot() {
          return { state: { kind: 'ready' }, model } as EngineSnapshot;
        },
      },
      models: search,
      preview: () => Promise.resolve(plan),
      readSeconds: () => readSeconds,
      answerTokens: () => 2048,
      memory: toolMemory(memory as Parameters<typeof toolMemory>[0]),
      ...{ t: translate, log: new KeepingLogger(), changed },
    });

  beforeEach(() => {
    vi.useRealTimers();
    changed.mockClear();
    search.mockClear();
    entries = [entry('Calling', calling), entry('Plain', '{{ messages }}')];
    [model, plan, readSeconds, memory] = [undefined, planned, undefined, new Memory()];
  });

  it('are told with what is planned for them, and with whether they are expected to call tools', async () => {
    const [first, second] = await create().list();
    expect(first).toMatchObject({
      ...{ name: 'Calling', family: 'llama', version: 'Q8_0', detail: 'not loaded', isLoaded: false },
      ...{ maxInputTokens: 32_768 - 2048 - 17, maxOutputTokens: 2048, capabilities: { toolCalling: true } },
    });
    expect(first?.tooltip).toContain('32,768 tokens of context planned');
    expect(first?.tooltip).toContain('takes about 2 min (estimated)');
    expect(second?.capabilities.toolCalling).toBe(false);
    expect(second?.tooltip).toContain('does not call tools');
  });

  it('have the same ids tomorrow, without a name of a folder in them', async () => {
    const ids = (await create().list()).map(({ id }) => id);
    expect((await create().list()).map(({ id }) => id)).toEqual(ids);
    expect(new Set(ids).size).toBe(2);
    expect(ids.join()).not.toContain('models');
  });

  it('leave out what does not fit, cannot be used or has not been read', async () => {
    const unread = entry('Unread', calling);
    delete unread.file;
    entries = [unread];
    expect(await create().list()).toEqual([]);
    entries = [entry('Large', calling)];
    plan = { ...planned, verdict: 'doesNotFit' };
    expect(await create().list()).toEqual([]);
  });

  it('do not claim tools where the context is too small for what agents ask', async () => {
    plan = { ...planned, config: { ...planned.config, contextSize: 17_000 + 2048 + 16 } };
    const [small] = await create().list();
    expect(small?.capabilities.toolCalling).toBe(false);
    expect(small?.tooltip).toContain('too small for agents');
    plan = { ...planned, config: { ...planned.config, contextSize: 17_000 + 2048 + 17 } };
    expect((await create().list())[0]?.capabilities.toolCalling).toBe(true);
  });

  it('leave half of a small context to ask with', async () => {
    plan = { ...planned, config: { ...planned.config, contextSize: 1000 } };
    expect((await create().list())[0]).toMatchObject({ maxInputTokens: 483, maxOutputTokens: 500 });
  });

  it('tell of the loaded one what it really is, first and once', async () => {
    model = loadedModel({ path: '/models/Plain.gguf', contextSize: 20_000, toolCalling: 'template' });
    readSeconds = 34;
    const list = await create().list();
    expect(list.map(({ name, isLoaded }) => [name, isLoaded])).toEqual([
      ['Plain', true],
      ['Calling', false],
    ]);
    expect(list[0]).toMatchObject({ maxInputTokens: 17_935, capabilities: { toolCalling: true } });
    expect(list[0]?.tooltip).toContain('takes about 34 s at the speed measured last');
  });

  it('are the same when they are loaded, by whichever of their copies', async () => {
    const [first] = await create().list();
    entries[0]?.copies.push({ place: 'ollama', path: '/blobs/1', parts: ['/blobs/1'] });
    model = loadedModel({ path: '/blobs/1', architecture: 'llama', quant: 'Q8_0' });
    const [loaded] = await create().list();
    expect([loaded?.id, loaded?.path, loaded?.isLoaded]).toEqual([first?.id, '/blobs/1', true]);
  });

  it('are told of when another one is loaded, and remember how it calls', async () => {
    const models = create();
    await models.list();
    const { tensorBytes: sizeBytes = 0 } = entries[0]?.file?.header ?? {};
    model = loadedModel({ path: '/models/Calling.gguf', sizeBytes, toolCalling: 'generic' });
    models.engineChanged();
    await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
    model = undefined;
    models.engineChanged();
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2));
    // Its template let expect more.
    expect((await models.list())[0]?.capabilities.toolCalling).toBe(false);
  });

  it('are searched for once, and again when that was some time ago; silent where nothing is new', async () => {
    vi.useFakeTimers();
    const models = create();
    await Promise.all([models.list(), models.list()]);
    await models.list();
    expect(search).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(31_000);
    expect(await models.list()).toHaveLength(2);
    expect(search).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(changed).not.toHaveBeenCalled();
    entries = [];
    vi.advanceTimersByTime(31_000);
    await models.list();
    await vi.advanceTimersByTimeAsync(1);
    expect(changed).toHaveBeenCalledOnce();
    expect(await models.list()).toEqual([]);
  });

  it('stay as they were where a search fails', async () => {
    vi.useFakeTimers();
    const models = create();
    const list = await models.list();
    search.mockRejectedValueOnce(new Error('no disk'));
    vi.advanceTimersByTime(31_000);
    await models.list();
    await vi.advanceTimersByTimeAsync(1);
    expect(await models.list()).toEqual(list);
  });

  it('are found by their id', async () => {
    const models = create();
    const [first] = await models.list();
    expect(await models.find(first?.id ?? '')).toBe(first);
    expect(await models.find('gone')).toBeUndefined();
  });
});
