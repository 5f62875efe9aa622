import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelFileView, PlannedEvent } from '../../../src/protocol/webview';
import { LivePlan } from '../../../src/settingsPage/livePlan';
import { FakePlans } from './fakePlans';
import { plan } from './planFixtures';
import { loadForm } from '../../support/loadForm';

const form = loadForm('/a.gguf', { vramBudget: 11.5 });
const beside = [{ path: '/a.gguf' }, { path: '/b.gguf' }] as ModelFileView[];

let plans: FakePlans;
let sent: PlannedEvent[];
let live: LivePlan;
const log = { error: vi.fn() };
beforeEach(() => {
  plans = new FakePlans();
  sent = [];
  log.error.mockClear();
  live = new LivePlan(
    plans,
    () => Promise.resolve(beside),
    (event) => sent.push(event),
    log,
  );
});

describe('LivePlan', () => {
  it('sends the estimate at once, and then what llama.cpp says', async () => {
    const started = performance.now();
    const done = live.ask(form);
    await vi.waitFor(() => expect(sent).toHaveLength(1), { interval: 1 });
    expect(performance.now() - started).toBeLessThan(50);
    expect(sent[0]).toMatchObject({
      kind: 'planned',
      modelPath: '/a.gguf',
      plan: { simulated: false },
      quants: undefined,
      checking: true,
    });
    await vi.waitFor(() => expect(plans.exacts).toHaveLength(1));
    plans.exacts[0]?.finish(plan);
    await done;
    const quants = { rows: [{ path: '/a.gguf' }, { path: '/b.gguf' }] };
    expect(sent[1]).toMatchObject({ plan, quants, checking: false });
    expect(plans.exacts[0]?.files).toBe(beside);
    void live.ask({ ...form, gpuLayers: 3 });
    await vi.waitFor(() => expect(sent).toHaveLength(3));
    expect(sent[2]?.quants).toBe(sent[1]?.quants);
  });

  it('tells of levels that are not at hand once they are sized, and holds nothing up for it', async () => {
    let resolve: (levels: string[]) => void = () => undefined;
    plans.sizing = new Promise((done) => (resolve = done));
    const done = live.ask(form);
    await vi.waitFor(() => expect(plans.exacts).toHaveLength(1));
    plans.exacts[0]?.finish(plan);
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]?.quants?.rows.map((row) => row.path)).toEqual(['/a.gguf', '/b.gguf']);
    resolve(['Q8_0']);
    await done;
    expect(sent).toHaveLength(3);
    expect(sent[2]).toMatchObject({ plan, checking: false });
    expect(sent[2]?.quants?.rows.at(-1)).toMatchObject({ level: 'Q8_0', path: undefined });
  });

  it('plans only the last of several that come at once, and simulates none that is not kept', async () => {
    for (const gpuLayers of [1, 2, 3]) void live.ask({ ...form, gpuLayers });
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]?.plan?.gpuLayers).toBe(3);
    void live.ask({ ...form, gpuLayers: 4 });
    await vi.waitFor(() => expect(plans.exacts).toHaveLength(1));
    expect(plans.exacts[0]?.form.gpuLayers).toBe(4);
    expect(sent.map((event) => event.plan?.gpuLayers)).toEqual([3, 4]);
  });

  it('cancels the older simulation for a newer form', async () => {
    void live.ask(form);
    await vi.waitFor(() => expect(plans.exacts).toHaveLength(1));
    void live.ask({ ...form, gpuLayers: 7 });
    expect(plans.exacts[0]?.signal.aborted).toBe(true);
    await vi.waitFor(() => expect(plans.exacts).toHaveLength(2));
    plans.exacts[1]?.finish({ ...plan, gpuLayers: 7 });
    await vi.waitFor(() => expect(sent).toHaveLength(3));
    expect(sent.map((event) => event.plan?.gpuLayers)).toEqual([20, 7, 7]);
    expect(log.error).not.toHaveBeenCalled();
  });

  it('keeps the estimate where nothing can be simulated, and says that no more comes', async () => {
    const done = live.ask(form);
    await vi.waitFor(() => expect(plans.exacts).toHaveLength(1));
    plans.exacts[0]?.fail(new Error('no engine'));
    await done;
    expect(sent[1]).toMatchObject({ plan: { simulated: false }, checking: false });
    expect(log.error).toHaveBeenCalledOnce();
  });

  it('waits for what is not known yet, and says where there is no plan', async () => {
    plans.known = undefined;
    const done = live.ask(form);
    await vi.waitFor(() => expect(plans.exacts).toHaveLength(1));
    expect(sent).toEqual([]);
    plans.exacts[0]?.finish(undefined);
    await done;
    expect(sent).toEqual([
      { kind: 'planned', modelPath: '/a.gguf', plan: undefined, quants: undefined, checking: false },
    ]);
  });
});
