import { describe, expect, it } from 'vitest';
import { commandIds } from '../../../src/contributions';
import type { EngineInfo } from '../../../src/protocol/engine';
import { statusTooltip, tooltipCommands, type TooltipInput } from '../../../src/status/tooltip';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';

const gib = 2 ** 30;
const info: EngineInfo = {
  pid: 1,
  libraryVersion: '3.22.1',
  llamaCppRelease: 'b6000',
  nodeVersion: '20.20.2',
  backend: 'vulkan',
  devices: [],
  mathCores: 6,
};
const ready: TooltipInput = {
  snapshot: {
    state: { kind: 'ready' },
    info,
    model: loadedModel(),
    runtime: { path: '/usr/bin/node', kind: 'node', version: 'v20.20.2', source: 'path' },
  },
  memory: {
    devices: [{ name: 'RTX 3060', totalBytes: 12 * gib, usedBytes: 11.3 * gib, source: 'sysfs' }],
    engineRamBytes: 30 * gib,
  },
  configured: 'a.gguf',
  context: { usedTokens: 3850, totalTokens: 8192, agentsTokens: 0 },
  failure: undefined,
  planned: { vramBytes: 10.9 * gib, allocatedBytes: 10.9 * gib, decode: 1.84 },
};
/** As a reader sees it: escapes resolved. */
const shown = (input: TooltipInput) => statusTooltip(input, translate).replace(/\\(.)/g, '$1');
const linksOf = (input: TooltipInput) =>
  [...statusTooltip(input, translate).matchAll(/\]\(command:([\w.]+)\)/g)].map((match) => match[1]);

describe('statusTooltip', () => {
  it('tells where layers and bytes are, and where each figure comes from', () => {
    const lines = shown(ready).split(/\n+/);
    expect(lines.map((line) => line.trimEnd())).toEqual([
      '**Llama 3 70B Instruct** Q4_K_M',
      'Layers: 20 of 81 on the GPU, the rest in RAM',
      'VRAM: 11.3/12.0 GiB used on RTX 3060, measured by /sys/class/drm',
      'Plan: 10.9 GiB of VRAM planned, 10.9 GiB allocated (measured), 1.8 tok/s estimated',
      'RAM: 30.0 GiB held by the engine, measured',
      'Context: 3,850 of 8,192 tokens used (46 %)',
      'Threads: 6, 8 for reading',
      'Backend: Vulkan, llama.cpp b6000',
      'Runtime: Node.js 20.20.2, from PATH (/usr/bin/node)',
      expect.stringContaining('[Settings]'),
    ]);
  });

  it('tells the rate alone where nothing was planned for VRAM, and no plan where there was none', () => {
    const planned = { vramBytes: 0, allocatedBytes: 0, decode: 12.6 };
    expect(shown({ ...ready, planned })).toContain('Plan: 13 tok/s estimated');
    expect(shown({ ...ready, planned: undefined })).not.toContain('Plan:');
  });

  it('says so when all or no layers are on the GPU', () => {
    const withLayers = (gpuLayers: number) => ({
      ...ready,
      snapshot: { ...ready.snapshot, model: loadedModel({ gpuLayers }) },
    });
    expect(shown(withLayers(81))).toContain('all 81 on the GPU');
    expect(shown(withLayers(0))).toContain('0 of 81 on the GPU, all in RAM');
  });

  it('gives the reason for another backend', () => {
    const fallback = { wanted: 'cuda', cause: 'flatpak', detail: '' } as const;
    const fallen = { ...ready, snapshot: { ...ready.snapshot, info: { ...info, fallback } } };
    expect(shown(fallen)).toContain('$(warning) CUDA could not be used; Vulkan is in use.');
    expect(shown(fallen)).toContain('Flatpak');
    const onCpu = {
      ...info,
      backend: 'cpu' as const,
      fallback: { ...fallback, cause: 'unavailable', detail: 'no device' } as const,
    };
    expect(shown({ ...ready, snapshot: { ...ready.snapshot, info: onCpu } })).toContain(
      'CUDA could not be used; the model runs on the CPU alone. Reason: no device',
    );
  });

  it('tells of an engine that is not heard, with ways out', () => {
    const silent = { ...ready, snapshot: { ...ready.snapshot, unresponsive: true } };
    expect(shown(silent)).toContain(
      '$(warning) The engine has not answered for 30 s. It may be short of memory.',
    );
    expect(linksOf(silent)).toEqual(expect.arrayContaining(['layercake.restartEngine', 'layercake.showLog']));
    expect(linksOf(ready)).not.toContain('layercake.restartEngine');
  });

  it('tells why the model is gone, and what loading took', () => {
    const idleEnd = { minutes: 30, loadMs: 12_400 };
    const snapshot = { ...ready.snapshot, state: { kind: 'stopped' } as const, model: undefined, idleEnd };
    expect(shown({ ...ready, snapshot })).toContain(
      'Unloaded after 30 min without a request. The next message loads it again, which took 12 s last time (measured).',
    );
  });

  it('tells how far the prompt is read, at what rate, and the time left', () => {
    const state = { kind: 'prefilling', done: 1200, total: 4000, tokensPerSecond: 14 } as const;
    expect(shown({ ...ready, snapshot: { ...ready.snapshot, state } })).toContain(
      'Reading: 1,200 of 4,000 tokens at 14 tok/s (measured), about 3 min left (estimated)',
    );
  });

  it('links what makes sense now, and only what is allowed', () => {
    const stopped = { ...ready.snapshot, state: { kind: 'stopped' } as const, model: undefined };
    const allowed = new Set<string>(tooltipCommands.map((name) => commandIds[name]));
    const states: TooltipInput[] = [
      ready,
      { ...ready, snapshot: stopped },
      { ...ready, snapshot: { ...ready.snapshot, state: { kind: 'generating', rate: 1, tokens: 1 } } },
    ];
    for (const state of states) expect(linksOf(state).every((id) => id && allowed.has(id))).toBe(true);
    expect(linksOf(ready)).toEqual(expect.arrayContaining(['layercake.unloadModel', 'layercake.showPlan']));
    expect(linksOf(ready)).not.toContain('layercake.stop');
    expect(linksOf(states[1] as TooltipInput)).toContain('layercake.loadModel');
    expect(linksOf(states[2] as TooltipInput)).toContain('layercake.stop');
    const without = linksOf({ ...ready, snapshot: stopped, configured: undefined });
    expect(without).not.toContain('layercake.loadModel');
    expect(without).not.toContain('layercake.showPlan');
  });

  it('shows what files call themselves as plain text', () => {
    const name = '[x](command:evil) **$(bug)**\n# <b>';
    const markdown = statusTooltip(
      { ...ready, snapshot: { ...ready.snapshot, model: loadedModel({ name }) }, failure: '[y](http://y)' },
      translate,
    );
    expect(markdown).not.toMatch(/\[x\]\(|\[y\]\(|(?<!\\)\$\(bug|\n#|(?<!\\)<b/);
    expect(markdown).toContain('\\[x\\]\\(command\\:evil\\)');
  });

  it('says why the engine failed', () => {
    const failed = {
      ...ready,
      snapshot: { ...ready.snapshot, model: undefined, info: undefined, runtime: undefined },
      failure: 'The engine stopped: signal SIGKILL.',
      memory: undefined,
    };
    expect(shown(failed)).toContain('$(error) The engine stopped: signal SIGKILL.');
    expect(shown(failed)).toContain('**a.gguf** is not loaded.');
  });
});
