import { describe, expect, it, vi } from 'vitest';
import { DoctorController, type DoctorDeps } from '../../../src/doctor/controller';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { settingDefaults } from '../../../src/contributions';
import { EngineError } from '../../../src/errors';
import type { ChatResult } from '../../../src/protocol/engine';
import type { DoctorEvent, DoctorSnapshot } from '../../../src/protocol/doctor';
import { silentLogger } from '../../../src/log';
import { FakeSystem } from '../hardware/fakeSystem';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';
import { GiB, info } from './samples';

const result: ChatResult = {
  ...{ text: '1', thought: '', stopReason: 'maxTokens', promptTokens: 30, reusedTokens: 0, outputTokens: 32 },
  ...{ thoughtTokens: 0, prefillMs: 1000, firstTokenMs: 1100, decodeMs: 15_500, tokensPerSecond: 2 },
};

class Fixture {
  readonly events: DoctorEvent[] = [];
  readonly copied: string[] = [];
  readonly errors: string[] = [];
  readonly acted: string[] = [];
  readonly deps: DoctorDeps;
  readonly controller: DoctorController;

  constructor(state: Partial<EngineSnapshot> = {}, changes: Partial<DoctorDeps> = {}) {
    const snapshot: EngineSnapshot = {
      state: { kind: 'ready' },
      info,
      model: loadedModel(),
      runtime: undefined,
      ...state,
    };
    this.deps = {
      engine: { snapshot, chat: () => Promise.resolve(result) },
      system: new FakeSystem({}),
      arch: 'x64',
      cpuName: () => 'A CPU',
      hardware: () =>
        Promise.resolve({ gpus: [], ramTotalBytes: 8 * GiB, ramAvailableBytes: 4 * GiB, physicalCores: 2 }),
      vram: () => Promise.resolve([]),
      calibration: () => Promise.resolve(undefined),
      planFacts: () => Promise.resolve(undefined),
      modelChosen: () => true,
      describe: (error) => `In words: ${error instanceof Error ? error.message : ''}`,
      now: () => 0,
      t: translate,
      log: silentLogger,
      versions: { extension: '0.1.0', editor: 'x', system: 'y' },
      settings: (key) => settingDefaults[key],
      privateFolders: () => [],
      act: (action) => this.acted.push(action),
      copy: (text) => Promise.resolve(void this.copied.push(text)),
      save: () => Promise.resolve(),
      showError: (message) => this.errors.push(message),
      ...changes,
    };
    this.controller = new DoctorController(this.deps, (event) => this.events.push(event));
  }

  get snapshots(): DoctorSnapshot[] {
    return this.events.filter((event) => event.kind === 'snapshot');
  }

  get last(): DoctorSnapshot {
    const last = this.snapshots.at(-1);
    if (!last) throw new Error('Nothing was sent.');
    return last;
  }

  async run(): Promise<DoctorSnapshot> {
    await this.controller.handle({ kind: 'ready' });
    return this.last;
  }
}

const states = ({ steps }: DoctorSnapshot) => steps.map(({ state }) => state).join(' ');
const question = ({ steps }: DoctorSnapshot) => steps.find(({ id }) => id === 'question');

describe('an examination', () => {
  it('begins with the page, goes step by step, and shows checks before the question is answered', async () => {
    const fixture = new Fixture();
    const last = await fixture.run();
    expect(fixture.snapshots.map(states)).toEqual([
      'running waiting waiting',
      'done running waiting',
      'done done running',
      'done leftOut done',
    ]);
    expect(fixture.snapshots.map(({ running }) => running)).toEqual([true, true, true, false]);
    expect(fixture.snapshots[1]?.checks.length).toBeGreaterThan(5);
    expect(fixture.snapshots[2]?.findings).toBeUndefined();
    expect(last.checks.find(({ id }) => id === 'decode')?.value).toBe('2.0 tok/s');
    expect(last.findings).toHaveLength(1);
  });

  it('does not begin again with a page that is only shown again', async () => {
    const chat = vi.fn(() => Promise.resolve(result));
    const fixture = new Fixture();
    Object.assign(fixture.deps.engine, { chat });
    await fixture.run();
    await fixture.controller.handle({ kind: 'ready' });
    expect(chat).toHaveBeenCalledTimes(1);
    await fixture.controller.handle({ kind: 'run' });
    expect(chat).toHaveBeenCalledTimes(2);
  });

  it('works without a model, and says why nothing was asked', async () => {
    const none = { model: undefined, info: undefined, state: { kind: 'stopped' as const } };
    const reasons = [
      await new Fixture(none).run(),
      await new Fixture(none, { modelChosen: () => false }).run(),
      await new Fixture({ state: { kind: 'generating', rate: 1, tokens: 1 } }).run(),
    ].map((snapshot) => question(snapshot));
    expect(reasons.map((step) => step?.reason)).toEqual([
      'Left out: the model is not loaded.',
      'Left out: no model is chosen yet.',
      'Left out: the engine is busy with something else.',
    ]);
    expect(reasons.every((step) => step?.state === 'leftOut')).toBe(true);
  });

  it('is cancelled, and keeps what it found', async () => {
    const fixture = new Fixture();
    const chat: DoctorDeps['engine']['chat'] = async (_request, _progress, signal) => {
      await fixture.controller.handle({ kind: 'cancel' });
      expect(signal.aborted).toBe(true);
      return { ...result, stopReason: 'cancelled' };
    };
    Object.assign(fixture.deps.engine, { chat });
    const last = await fixture.run();
    expect(question(last)?.reason).toBe('Left out: the examination was cancelled.');
    expect(last.checks.length).toBeGreaterThan(5);
    expect(last.checks.some(({ id }) => id === 'decode')).toBe(false);
  });

  it('goes on where the engine fails or no plan can be made', async () => {
    const fixture = new Fixture({}, { planFacts: () => Promise.reject(new Error('no header')) });
    const chat = () => Promise.reject(new EngineError({ reason: 'crashed', detail: 'SIGSEGV' }));
    Object.assign(fixture.deps.engine, { chat });
    expect(question(await fixture.run())?.reason).toMatch(/^Left out: In words: /);
    expect(fixture.errors).toEqual([]);
  });

  it('copies a report, and shows why one could not be saved', async () => {
    const fixture = new Fixture({}, { save: () => Promise.reject(new Error('disk full')) });
    await fixture.controller.handle({ kind: 'copyReport' });
    expect(fixture.copied).toEqual([]);
    await fixture.run();
    await fixture.controller.handle({ kind: 'copyReport' });
    expect(fixture.copied[0]).toMatch(/^# Layercake report\n/);
    expect(fixture.events.at(-1)).toEqual({ kind: 'copied' });
    await fixture.controller.handle({ kind: 'saveReport' });
    expect(fixture.errors).toEqual(['In words: disk full']);
  });

  it('runs only the commands that it offers', async () => {
    const fixture = new Fixture();
    await fixture.controller.handle({ kind: 'act', action: 'setGpuLayers' });
    await fixture.controller.handle({ kind: 'act', action: 'deleteConversation' });
    await fixture.controller.handle('nonsense');
    expect(fixture.acted).toEqual(['setGpuLayers']);
  });

  it('ends with the page', async () => {
    const fixture = new Fixture();
    const ended = fixture.controller.handle({ kind: 'ready' });
    fixture.controller.dispose();
    await ended;
    expect(fixture.controller.running).toBe(false);
    expect(fixture.snapshots).toHaveLength(1);
  });
});
