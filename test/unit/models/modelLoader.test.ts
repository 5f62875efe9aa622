import { beforeEach, describe, expect, it, vi } from 'vitest';
import { settingDefaults, type SettingKey } from '../../../src/contributions';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { CancelledError, EngineError, UserError } from '../../../src/errors';
import type { ReportLoad } from '../../../src/models/loadReport';
import { ModelLoader } from '../../../src/models/modelLoader';
import type { LoadedModel } from '../../../src/protocol/engine';
import type { LoadForm } from '../../../src/protocol/webview';
import { describeSettingProblem } from '../../../src/settingsParse';
import { loadedModel } from '../../support/loadedModel';
import { translate } from './translate';

const path = '/models/a.gguf';
const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

interface Load {
  form: LoadForm;
  report: ReportLoad;
  signal: AbortSignal;
  finish: (model: LoadedModel) => void;
  fail: (error: Error) => void;
}

/** An engine whose loads end when the test says so, and that rejects an aborted one as a native library may. */
class FakeEngine {
  snapshot: EngineSnapshot = {
    state: { kind: 'stopped' },
    info: undefined,
    model: undefined,
    runtime: undefined,
  };
  readonly loads: Load[] = [];
  unloads = 0;

  readonly load = (form: LoadForm, report: ReportLoad, signal: AbortSignal) => {
    return new Promise<LoadedModel>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted somehow')));
      this.loads.push({
        form,
        report,
        signal,
        finish: (model) => {
          this.snapshot = { ...this.snapshot, state: { kind: 'ready' }, model };
          resolve(model);
        },
        fail: reject,
      });
    });
  };

  unload() {
    this.unloads++;
    return Promise.resolve();
  }
}

class Fixture {
  readonly engine = new FakeEngine();
  readonly settings: Partial<Record<SettingKey, unknown>> = { 'model.path': path };
  readonly shown: string[] = [];
  readonly reported: Parameters<ReportLoad>[] = [];
  readonly cancel = new AbortController();
  readonly loader = new ModelLoader({
    engine: this.engine,
    read: (key) => (key in this.settings ? this.settings[key] : settingDefaults[key]),
    load: this.engine.load,
    ui: {
      withProgress: (name, run) => {
        this.shown.push(name);
        return run((...reported) => this.reported.push(reported), this.cancel.signal);
      },
      announce: () => undefined,
      showProblems: (problems) =>
        this.shown.push(...problems.map((problem) => describeSettingProblem(problem, translate))),
    },
    t: translate,
  });
}

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});
const firstLoad = () => {
  const [load] = fixture.engine.loads;
  if (!load) throw new Error('Nothing is being loaded.');
  return load;
};

describe('ModelLoader', () => {
  it('gives the loaded model without loading', async () => {
    const model = loadedModel();
    fixture.engine.snapshot = { ...fixture.engine.snapshot, state: { kind: 'ready' }, model };
    expect(await fixture.loader.ensureLoaded(never)).toBe(model);
    expect(fixture.engine.loads).toEqual([]);
  });

  it('loads what the settings name, with progress', async () => {
    fixture.settings['load.gpuLayers'] = 9;
    fixture.settings['load.perModel'] = { [path]: { threads: 3 } };
    const wait = fixture.loader.ensureLoaded(never);
    await settle();
    expect(firstLoad().form).toMatchObject({ modelPath: path, gpuLayers: 9, threads: 3 });
    firstLoad().report(0.25, 'measuring');
    firstLoad().report(0.5, 'loading');
    firstLoad().finish(loadedModel({ path }));
    expect((await wait).path).toBe(path);
    expect(fixture.shown).toEqual(['a.gguf']);
    expect(fixture.reported).toEqual([
      [0.25, 'measuring'],
      [0.5, 'loading'],
    ]);
    expect(fixture.loader.loading).toBe(false);
  });

  it('says that nothing is chosen', async () => {
    fixture.settings['model.path'] = '';
    await expect(fixture.loader.ensureLoaded(never)).rejects.toBeInstanceOf(UserError);
    await expect(fixture.loader.load()).rejects.toThrow(/Choose a GGUF file/);
    expect(fixture.loader.configuredPath()).toBeUndefined();
  });

  it('loads once for all who ask meanwhile', async () => {
    const first = fixture.loader.ensureLoaded(never);
    const second = fixture.loader.ensureLoaded(never);
    await settle();
    expect(fixture.engine.loads).toHaveLength(1);
    firstLoad().finish(loadedModel());
    expect(await first).toBe(await second);
  });

  it('lets one of two leave without ending the load, and ends it when both have', async () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const first = fixture.loader.ensureLoaded(one.signal);
    const second = fixture.loader.ensureLoaded(two.signal);
    await settle();
    one.abort();
    await expect(first).rejects.toBeInstanceOf(CancelledError);
    expect(firstLoad().signal.aborted).toBe(false);
    two.abort();
    await expect(second).rejects.toBeInstanceOf(CancelledError);
    expect(firstLoad().signal.aborted).toBe(true);
    await settle();
    expect(fixture.loader.loading).toBe(false);
  });

  it('takes a cancel in the progress for a cancel, whatever the engine throws', async () => {
    const wait = fixture.loader.load();
    await settle();
    fixture.cancel.abort();
    await expect(wait).rejects.toBeInstanceOf(CancelledError);
  });

  it('passes a failure of the engine on', async () => {
    const wait = fixture.loader.load();
    await settle();
    const error = new EngineError({ reason: 'doesNotFit', detail: 'cudaMalloc failed' });
    firstLoad().fail(error);
    await expect(wait).rejects.toBe(error);
  });

  it('replaces a running load by one with the new settings', async () => {
    const first = fixture.loader.load();
    const refused = expect(first).rejects.toBeInstanceOf(CancelledError);
    await settle();
    fixture.settings['load.threads'] = 7;
    const onProgress = vi.fn();
    const second = fixture.loader.load({ onProgress });
    await refused;
    await settle();
    expect(fixture.engine.loads.map((load) => load.form.threads)).toEqual([null, 7]);
    fixture.engine.loads[1]?.report(0.25, 'loading');
    fixture.engine.loads[1]?.finish(loadedModel());
    await second;
    expect(onProgress.mock.calls).toEqual([[0.25, 'loading']]);
  });

  it('cancels a running load before it unloads', async () => {
    const refused = expect(fixture.loader.load()).rejects.toBeInstanceOf(CancelledError);
    await settle();
    await fixture.loader.unload();
    await refused;
    expect(firstLoad().signal.aborted).toBe(true);
    expect(fixture.engine.unloads).toBe(1);
  });

  it('tells of settings that it could not use', async () => {
    fixture.settings['load.threads'] = 9999;
    const wait = fixture.loader.load();
    await settle();
    expect(fixture.shown[1]).toMatch(/layercake\.load\.threads is 9999, but has to be/);
    expect(firstLoad().form.threads).toBeNull();
    firstLoad().finish(loadedModel());
    await wait;
  });
});
