import { describe, expect, it } from 'vitest';
import type {
  InspectedEvent,
  ModelFileView,
  PlannedEvent,
  SettingsSnapshot,
} from '../../../src/protocol/webview';
import { settingRules } from '../../../src/settingsParse';
import {
  changedNames,
  currentFile,
  currentPlan,
  currentValues,
  withEdit,
  withInspected,
  withoutEdits,
  withSnapshot,
} from '../../../webview/settings/draft';
import {
  firstInvalid,
  fromLogStep,
  generalLimits,
  limitsFor,
  toLogStep,
} from '../../../webview/settings/limits';
import { parseSettingsEvent } from '../../../webview/settings/parse';

const file = (path: string, totalLayers = 81): ModelFileView => ({
  path,
  name: 'Llama 3 70B',
  quant: 'Q4_K_M',
  sizeBytes: 40,
  totalLayers,
  trainContextSize: 8192,
  architecture: 'llama',
});
const a = file('/a.gguf');
const small = file('/b.gguf', 17);
const snapshot: SettingsSnapshot = {
  kind: 'snapshot',
  engine: { state: { kind: 'stopped' }, model: undefined, configuredModel: 'a.gguf', failure: undefined },
  saved: {
    modelPath: a.path,
    vramBudget: null,
    gpuLayers: 30,
    contextSize: null,
    batchSize: 512,
    threads: null,
    kvCacheType: 'f16',
    flashAttention: 'auto',
    sequences: null,
    mmap: true,
    mlock: false,
  },
  file: a,
  fileProblem: undefined,
  quants: [a, small],
  hardware: { gpus: [], ramTotalBytes: 2, ramAvailableBytes: 1, physicalCores: 2 },
  perModel: false,
  applying: undefined,
  calibrating: undefined,
  applyProblem: undefined,
};
const draft = withSnapshot(undefined, snapshot);
const inspected = (of: ModelFileView): InspectedEvent => ({
  kind: 'inspected',
  path: of.path,
  file: of,
  problem: undefined,
  quants: [of],
});

describe('draft', () => {
  it('names what is unsaved, and forgets what is set back', () => {
    const edited = withEdit(draft, { threads: 4, gpuLayers: 20, perModel: true });
    expect(changedNames(edited)).toEqual(['gpuLayers', 'threads', 'perModel']);
    expect(currentValues(edited)).toMatchObject({ threads: 4, gpuLayers: 20, batchSize: 512 });
    expect(changedNames(withEdit(edited, { threads: null, perModel: false }))).toEqual(['gpuLayers']);
    expect(withoutEdits(edited)).toEqual(draft);
  });

  it('keeps edits over a new snapshot, but not those that it has taken over', () => {
    const edited = withEdit(draft, { threads: 4, mlock: true });
    const applied = { ...snapshot, saved: { ...snapshot.saved, threads: 4, gpuLayers: 7 } };
    const next = withSnapshot(edited, applied);
    expect(changedNames(next)).toEqual(['mlock']);
    expect(currentValues(next)).toMatchObject({ threads: 4, gpuLayers: 7, mlock: true });
  });

  it('bounds the layers by another file, and shows that file', () => {
    const next = withInspected(draft, inspected(small));
    expect(changedNames(next)).toEqual(['modelPath', 'gpuLayers']);
    expect(currentValues(next).gpuLayers).toBe(17);
    expect(currentFile(next).file).toBe(small);
    expect(changedNames(withInspected(draft, inspected(a)))).toEqual([]);
  });

  it('shows what is wrong with another file, and keeps the way back', () => {
    const problem = 'It is no GGUF file.';
    const bad: InspectedEvent = { kind: 'inspected', path: '/c.gguf', file: undefined, problem, quants: [] };
    expect(currentFile(withInspected(draft, bad))).toEqual({
      file: undefined,
      problem,
      quants: snapshot.quants,
    });
    const applied = { ...snapshot, saved: { ...snapshot.saved, modelPath: small.path }, file: small };
    const after = withSnapshot(withInspected(draft, inspected(small)), applied);
    expect(after.inspected).toBeUndefined();
    expect(currentFile(after).file).toBe(small);
  });

  it('shows the last plan until that of another file comes, and none for a file that is no good', () => {
    const planned: PlannedEvent = {
      kind: 'planned',
      modelPath: a.path,
      plan: undefined,
      quants: undefined,
      checking: true,
    };
    const shown = { ...draft, planned };
    expect(currentPlan(withEdit(shown, { vramBudget: 3 }))).toBe(planned);
    expect(currentPlan(withInspected(shown, inspected(small)))).toBe(planned);
    expect(currentPlan(withInspected(shown, { ...inspected(small), file: undefined }))).toBeUndefined();
    expect(currentPlan(withSnapshot(shown, snapshot))).toBe(planned);
  });
});

describe('limits', () => {
  it('are those of the settings, narrowed by the file', () => {
    for (const [name, limits] of Object.entries(generalLimits)) {
      expect(settingRules[`load.${name}` as 'load.threads']).toMatchObject(limits);
    }
    expect(limitsFor('gpuLayers', small)).toEqual({ min: 0, max: 17 });
    expect(limitsFor('contextSize', a)).toEqual({ min: 256, max: 8192 });
    expect(limitsFor('contextSize', { ...a, trainContextSize: 0 }).max).toBe(1_048_576);
    expect(limitsFor('threads', a)).toEqual({ min: 1, max: 512 });
  });

  it.each([
    [{ gpuLayers: 18 }, 'gpuLayers'],
    [{ gpuLayers: 1.5 }, 'gpuLayers'],
    [{ contextSize: 255 }, 'contextSize'],
    [{ threads: NaN }, 'threads'],
    [{ batchSize: 15 }, 'batchSize'],
    [{ vramBudget: -0.1 }, 'vramBudget'],
    [{ vramBudget: NaN }, 'vramBudget'],
  ])('refuse %j', (edit, name) => {
    expect(firstInvalid({ ...currentValues(draft), gpuLayers: 17, ...edit }, small)?.name).toBe(name);
  });

  it('take their ends and automatic values', () => {
    const values = { ...currentValues(draft), gpuLayers: 17, contextSize: 8192, threads: null };
    expect(firstInvalid(values, small)).toBeUndefined();
    const solved = { vramBudget: 11.5, gpuLayers: null, batchSize: null };
    expect(firstInvalid({ ...values, ...solved }, small)).toBeUndefined();
  });

  it('let a slider reach both ends and round numbers between', () => {
    const limits = { min: 256, max: 131_072 };
    expect(fromLogStep(0, limits)).toBe(256);
    expect(fromLogStep(100, limits)).toBe(131_072);
    for (let step = 1; step < 100; step++) {
      const value = fromLogStep(step, limits);
      expect(value % 256).toBe(0);
      expect(value).toBeGreaterThanOrEqual(fromLogStep(step - 1, limits));
    }
    expect(toLogStep(256, limits)).toBe(0);
    expect(toLogStep(131_072, limits)).toBe(100);
    expect(fromLogStep(toLogStep(8192, limits), limits)).toBeCloseTo(8192, -3);
    expect(fromLogStep(100, { min: 256, max: 1000 })).toBe(1000);
  });
});

describe('parseSettingsEvent', () => {
  it('takes what the extension sends, as it is', () => {
    expect(parseSettingsEvent(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    expect(parseSettingsEvent(inspected(small))).toEqual(inspected(small));
  });

  it('gives harmless values for what is missing, and drops what it does not know', () => {
    expect(parseSettingsEvent({ kind: 'snapshot', saved: { gpuLayers: 'x' }, quants: [7, a] })).toMatchObject(
      {
        saved: { modelPath: '', gpuLayers: null, batchSize: null, kvCacheType: null, mmap: true },
        quants: [a],
        hardware: { gpus: [] },
        applying: undefined,
      },
    );
    for (const data of [undefined, null, 'ready', { kind: 'other' }, { kind: 'inspected' }]) {
      expect(parseSettingsEvent(data)).toBeUndefined();
    }
  });
});
