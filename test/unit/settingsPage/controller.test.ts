import { Emitter } from 'vscode-jsonrpc';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { settingDefaults, type SettingKey } from '../../../src/contributions';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { CancelledError, EngineError } from '../../../src/errors';
import type { ModelFile } from '../../../src/models/modelFile';
import type { LoadRequest } from '../../../src/models/modelLoader';
import type { PlannedEvent, SettingsEvent, SettingsSnapshot } from '../../../src/protocol/webview';
import { SettingsController } from '../../../src/settingsPage/controller';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';
import { FakePlans } from './fakePlans';
import { loadForm } from '../../support/loadForm';

const path = '/models/a-Q4_K_M.gguf';
const file: ModelFile = {
  path,
  name: 'A',
  quant: 'Q4_K_M',
  sizeBytes: 40,
  totalLayers: 81,
  trainContextSize: 8192,
  architecture: 'llama',
  identity: 'A',
};
const form = loadForm(path, { gpuLayers: 20 });
const settle = () => new Promise((resolve) => setImmediate(resolve));

class Fixture {
  settings: Partial<Record<SettingKey, unknown>> = { 'model.path': path, 'models.folders': ['/more'] };
  snapshot: EngineSnapshot = {
    state: { kind: 'stopped' },
    info: undefined,
    model: undefined,
    runtime: undefined,
  };
  readonly changed = new Emitter<EngineSnapshot>();
  readonly events: SettingsEvent[] = [];
  readonly log = { trace: vi.fn(), debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  readonly run = vi.fn();
  readonly findSiblings = vi.fn((each: ModelFile) => Promise.resolve([each]));
  readonly inspect = vi.fn((each: string) =>
    each.includes('bad')
      ? Promise.reject(new EngineError({ reason: 'modelTruncated', detail: 'half' }))
      : Promise.resolve({ ...file, path: each }),
  );
  readonly hardware = vi.fn(() =>
    Promise.resolve({ gpus: [], ramTotalBytes: 2, ramAvailableBytes: 1, physicalCores: 6 }),
  );
  browsed: string | undefined;
  loads: (LoadRequest & { finish: () => void; fail: (error: Error) => void; layers: unknown })[] = [];
  readonly plans = new FakePlans();
  readonly controller = new SettingsController(
    {
      plans: this.plans,
      engine: Object.defineProperty(
        { snapshot: this.snapshot, onDidChange: this.changed.event },
        'snapshot',
        { get: () => this.snapshot },
      ),
      loader: {
        configuredPath: () => {
          const value = this.settings['model.path'];
          return typeof value === 'string' && value !== '' ? value : undefined;
        },
        load: (request) =>
          new Promise((resolve, reject) => {
            request?.signal?.addEventListener('abort', () => reject(new CancelledError()));
            const layers = this.settings['load.gpuLayers'];
            this.loads.push({ ...request, finish: () => resolve(loadedModel()), fail: reject, layers });
          }),
      },
      read: (key) => this.settings[key] ?? settingDefaults[key],
      write: (key, value) => {
        this.settings = { ...this.settings, [key]: value };
        return Promise.resolve();
      },
      inspect: this.inspect,
      findSiblings: this.findSiblings,
      hardware: this.hardware,
      describeFailure: (failure) => ({ message: `failed: ${failure.reason}` }),
      describeError: (error, { modelPath }) => ({
        message: `${modelPath}: ${error instanceof Error ? error.message : ''}`,
      }),
      browse: () => Promise.resolve(this.browsed),
      run: this.run,
      log: this.log,
      t: translate,
    },
    (event) => this.events.push(event),
  );

  async send(message: unknown): Promise<SettingsSnapshot> {
    void this.controller.handle(message);
    await settle();
    await this.controller.settled;
    return this.last;
  }

  get planned(): PlannedEvent[] {
    return this.events.filter((event) => event.kind === 'planned');
  }

  get last(): SettingsSnapshot {
    const snapshot = this.events.filter((event) => event.kind === 'snapshot').at(-1);
    if (!snapshot) throw new Error('No snapshot was sent.');
    return snapshot;
  }
}

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});

describe('SettingsController', () => {
  it('answers ready with all that the page shows', async () => {
    fixture.settings['load.threads'] = 4;
    expect(await fixture.send({ kind: 'ready' })).toMatchObject({
      engine: { state: { kind: 'stopped' }, configuredModel: 'a-Q4_K_M.gguf' },
      saved: { modelPath: path, threads: 4 },
      file: { path, totalLayers: 81 },
      quants: [{ path }],
      hardware: { physicalCores: 6 },
      perModel: false,
      applying: undefined,
    });
    expect(fixture.last.file).not.toHaveProperty('identity');
    expect(fixture.findSiblings.mock.calls[0]?.slice(1)).toEqual([['/more']]);
  });

  it('tells why the file of the settings cannot be read', async () => {
    fixture.settings['model.path'] = '/models/bad.gguf';
    const snapshot = await fixture.send({ kind: 'ready' });
    expect(snapshot.file).toBeUndefined();
    expect(snapshot.fileProblem).toBe('/models/bad.gguf: modelTruncated: half');
  });

  it('works without any model', async () => {
    fixture.settings = {};
    const snapshot = await fixture.send({ kind: 'ready' });
    expect(snapshot).toMatchObject({ saved: { modelPath: '' }, file: undefined, fileProblem: undefined });
    expect(fixture.inspect).not.toHaveBeenCalled();
  });

  it('inspects a file that was browsed for, and nothing where the dialog was left', async () => {
    await fixture.controller.handle({ kind: 'browse' });
    expect(fixture.events).toEqual([]);
    fixture.browsed = '/models/b.gguf';
    await fixture.controller.handle({ kind: 'browse' });
    expect(fixture.events).toMatchObject([
      { kind: 'inspected', path: '/models/b.gguf', file: { path: '/models/b.gguf' }, problem: undefined },
    ]);
    await fixture.controller.handle({ kind: 'inspect', path: '/models/bad.gguf' });
    expect(fixture.events[1]).toMatchObject({
      file: undefined,
      problem: '/models/bad.gguf: modelTruncated: half',
    });
  });

  it('saves, loads with progress, and says so until the end', async () => {
    const during = await fixture.send({ kind: 'apply', form, perModel: false });
    expect(during.applying).toEqual({ fraction: 0, measuring: false });
    expect(during.saved.gpuLayers).toBe(20);
    expect(fixture.loads).toMatchObject([{ layers: 20, quiet: true }]);
    fixture.loads[0]?.onProgress?.(0.25, 'measuring');
    await settle();
    expect(fixture.last.applying).toEqual({ fraction: 0.25, measuring: true });
    fixture.loads[0]?.onProgress?.(0.5, 'loading');
    await settle();
    expect(fixture.last.applying).toEqual({ fraction: 0.5, measuring: false });
    fixture.loads[0]?.finish();
    await settle();
    expect(fixture.last).toMatchObject({ applying: undefined, applyProblem: undefined });
  });

  it('can be cancelled, which is no problem', async () => {
    await fixture.send({ kind: 'apply', form, perModel: true });
    expect(fixture.settings['load.perModel']).toEqual({ [path]: { gpuLayers: 20 } });
    const after = await fixture.send({ kind: 'cancelApply' });
    expect(fixture.loads[0]?.signal?.aborted).toBe(true);
    expect(after).toMatchObject({ applying: undefined, applyProblem: undefined, perModel: true });
  });

  it('shows why a load failed, and forgets it with the next one', async () => {
    await fixture.send({ kind: 'apply', form, perModel: false });
    fixture.loads[0]?.fail(new EngineError({ reason: 'doesNotFit', detail: 'too big' }));
    await settle();
    expect(fixture.last.applyProblem).toBe(`${path}: doesNotFit: too big`);
    expect(fixture.log.error).toHaveBeenCalledOnce();
    expect((await fixture.send({ kind: 'apply', form, perModel: false })).applyProblem).toBeUndefined();
  });

  it('changes no setting for a file that is no good', async () => {
    const before = { ...fixture.settings };
    const after = await fixture.send({
      kind: 'apply',
      form: { ...form, modelPath: '/models/bad.gguf' },
      perModel: false,
    });
    expect(after.applyProblem).toContain('modelTruncated');
    expect(fixture.settings).toEqual(before);
    expect(fixture.loads).toEqual([]);
  });

  it('refuses values out of range by name', async () => {
    const after = await fixture.send({ kind: 'apply', form: { ...form, threads: 0 }, perModel: false });
    expect(after.applyProblem).toMatch(/layercake\.load\.threads is 0, but has to be a whole number from 1/);
    expect(fixture.loads).toEqual([]);
  });

  it.each([
    undefined,
    'ready',
    { kind: 'format' },
    { kind: 'apply', form: {}, perModel: true },
    { kind: 'apply', form: { ...form, gpuLayers: '20' }, perModel: false },
    { kind: 'apply', form: { ...form, kvCacheType: 'f32' }, perModel: false },
    { kind: 'apply', form: { ...form, batchSize: NaN }, perModel: false },
    { kind: 'inspect' },
  ])('takes nothing from a message like %j', async (message) => {
    const before = { ...fixture.settings };
    const after = await fixture.send(message);
    expect(after.applyProblem).toContain('cannot be read');
    expect(fixture.settings).toEqual(before);
    expect(fixture.loads).toEqual([]);
  });

  it('passes on what is not the page’s', async () => {
    for (const kind of ['testEngine', 'openSettingsJson', 'showLog'])
      await fixture.controller.handle({ kind });
    expect(fixture.run.mock.calls).toEqual([['testEngine'], ['openSettingsJson'], ['showLog']]);
  });

  it('follows the engine, but not each token', async () => {
    await fixture.send({ kind: 'ready' });
    await settle();
    const count = fixture.events.length;
    for (const tokens of [1, 2, 3]) {
      fixture.snapshot = { ...fixture.snapshot, state: { kind: 'generating', rate: 1, tokens } };
      fixture.changed.fire(fixture.snapshot);
      await settle();
    }
    expect(fixture.events).toHaveLength(count + 1);
    fixture.controller.dispose();
    fixture.changed.fire({ ...fixture.snapshot, state: { kind: 'ready' } });
    await settle();
    expect(fixture.events).toHaveLength(count + 1);
  });

  it('plans what is saved after a snapshot, and again only for another machine', async () => {
    await fixture.send({ kind: 'ready' });
    await vi.waitFor(() => expect(fixture.planned).toHaveLength(1));
    expect(fixture.planned[0]).toMatchObject({ modelPath: path, plan: { gpuLayers: 20 }, checking: true });
    fixture.controller.refresh();
    await fixture.controller.settled;
    fixture.hardware.mockResolvedValue({
      gpus: [],
      ramTotalBytes: 2,
      ramAvailableBytes: 2,
      physicalCores: 6,
    });
    fixture.controller.refreshHardware();
    await vi.waitFor(() => expect(fixture.planned).toHaveLength(2));
    expect(fixture.plans.estimate).toHaveBeenCalledTimes(2);
  });

  it('plans what is edited, also over a new snapshot, until it is set back', async () => {
    await fixture.send({ kind: 'ready' });
    await vi.waitFor(() => expect(fixture.planned).toHaveLength(1));
    await fixture.send({ kind: 'plan', form: { ...form, gpuLayers: 7 } });
    await vi.waitFor(() => expect(fixture.planned.at(-1)?.plan?.gpuLayers).toBe(7));
    fixture.hardware.mockResolvedValue({
      gpus: [],
      ramTotalBytes: 9,
      ramAvailableBytes: 2,
      physicalCores: 6,
    });
    fixture.controller.refreshHardware();
    await vi.waitFor(() => expect(fixture.planned).toHaveLength(3));
    expect(fixture.planned.at(-1)?.plan?.gpuLayers).toBe(7);
    const { saved } = fixture.last;
    await fixture.send({ kind: 'plan', form: saved });
    await vi.waitFor(() => expect(fixture.planned.at(-1)?.plan?.gpuLayers).toBe(20));
  });

  it('plans no form out of range', async () => {
    await fixture.send({ kind: 'ready' });
    await vi.waitFor(() => expect(fixture.planned).toHaveLength(1));
    const calls = fixture.plans.estimate.mock.calls.length;
    await fixture.controller.handle({ kind: 'plan', form: { ...form, gpuLayers: -1 } });
    await settle();
    expect(fixture.plans.estimate).toHaveBeenCalledTimes(calls);
    expect(fixture.last.applyProblem).toBeUndefined();
  });

  it('measures the machine with progress, then plans anew', async () => {
    await fixture.send({ kind: 'ready' });
    await vi.waitFor(() => expect(fixture.planned).toHaveLength(1));
    expect((await fixture.send({ kind: 'calibrate' })).calibrating).toEqual({ fraction: 0 });
    await fixture.send({ kind: 'apply', form, perModel: false });
    expect(fixture.loads).toEqual([]);
    fixture.plans.measuring?.onProgress(0.5);
    await settle();
    expect(fixture.last.calibrating).toEqual({ fraction: 0.5 });
    fixture.plans.measuring?.finish();
    await vi.waitFor(() => expect(fixture.planned).toHaveLength(2));
    expect(fixture.last).toMatchObject({ calibrating: undefined, applyProblem: undefined });
  });

  it('stops measuring where it is cancelled, which is no problem', async () => {
    await fixture.send({ kind: 'calibrate' });
    const after = await fixture.send({ kind: 'cancelCalibrate' });
    expect(after).toMatchObject({ calibrating: undefined, applyProblem: undefined });
  });
});
