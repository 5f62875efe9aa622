import { describe, expect, it } from 'vitest';
import {
  countedBetween,
  parseMajorFaults,
  parseProcessVram,
  parseSwapPages,
  parseVmStat,
  readCounters,
} from '../../../src/doctor/counters';
import { heavyFaults, heavySwap, spilledBytes } from '../../../src/doctor/limits';
import { watchQuestion } from '../../../src/doctor/watch';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import type { VramDevice } from '../../../src/hardware/vram';
import type { ChatProgress, ChatRequest, ChatResult } from '../../../src/protocol/engine';
import { FakeSystem } from '../hardware/fakeSystem';
import { GiB, info, watched } from './samples';

const stat = (majorFaults: number) =>
  `4711 (node (x) y) S 1 4711 4711 0 -1 4194304 5021 99 ${majorFaults} 7 310 41 0 0 20 0 11 0 8812 1260000000 90210`;
const vmstat = (swapIn: number, swapOut: number) =>
  `nr_free_pages 12\npswpin ${swapIn}\npswpout ${swapOut}\npgmajfault 5\n`;
const pages = { getconf: '16384\n' };

describe('counters', () => {
  it('are read behind a process’s name, whatever it holds', () => {
    expect(parseMajorFaults(stat(1234))).toBe(1234);
    expect(parseMajorFaults('')).toBeUndefined();
  });

  it('of swap are in the machine’s own pages', () => {
    expect(parseSwapPages(vmstat(10, 3), 16_384)).toEqual({ swapInBytes: 163_840, swapOutBytes: 49_152 });
    const none = { swapInBytes: undefined, swapOutBytes: undefined };
    expect(parseSwapPages('nr_free_pages 12\n', 4096)).toEqual(none);
    expect(parseSwapPages(vmstat(10, 3), NaN)).toEqual(none);
  });

  it('of macOS come from vm_stat and ps', async () => {
    const text =
      'Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:      3190.\nSwapins:        2.\nSwapouts:       5.\n';
    expect(parseVmStat(text)).toEqual({ swapInBytes: 32_768, swapOutBytes: 81_920 });
    const mac = new FakeSystem({}, { '/usr/bin/vm_stat': text, '/bin/ps': '  17\n' }, 'darwin');
    expect(await readCounters(mac, 1)).toEqual({
      majorFaults: 17,
      swapInBytes: 32_768,
      swapOutBytes: 81_920,
    });
  });

  it('are not told, never 0, where the system does not tell', async () => {
    const none = { majorFaults: undefined, swapInBytes: undefined, swapOutBytes: undefined };
    for (const platform of ['win32', 'linux', 'darwin'] as const) {
      expect(await readCounters(new FakeSystem({}, {}, platform), 4711), platform).toEqual(none);
    }
    const some = { majorFaults: 3, swapInBytes: 1, swapOutBytes: 1 };
    expect(countedBetween(none, some)).toEqual(none);
    expect(countedBetween(some, { ...some, majorFaults: 9 })).toEqual({
      majorFaults: 6,
      swapInBytes: 0,
      swapOutBytes: 0,
    });
  });

  it('of Windows’ video memory are summed over adapters', () => {
    const entry = { DedicatedUsage: 5, SharedUsage: 2 };
    expect(parseProcessVram(JSON.stringify([entry, entry]))).toEqual({ dedicatedBytes: 10, sharedBytes: 4 });
    expect(parseProcessVram('null')).toBeUndefined();
  });
});

describe('limits', () => {
  const model = { memory: { ramBytes: 0, vramBytes: 10 * GiB } };
  const with_ = (dedicated: number, shared: number) =>
    watched({ processVram: { dedicatedBytes: dedicated * GiB, sharedBytes: shared * GiB } });

  it('call that spilled which the card lacks and system memory holds', () => {
    expect(spilledBytes(with_(8, 3), model)).toBe(2 * GiB);
    // Buffers for copies are in shared memory by right.
    expect(spilledBytes(with_(10.3, 1), model)).toBe(0);
    expect(spilledBytes(watched(), model)).toBeUndefined();
  });

  it('tell paging and swapping from what passes by', () => {
    const counted = (majorFaults: number | undefined, swapInBytes: number | undefined) =>
      watched({ counted: { majorFaults, swapInBytes, swapOutBytes: swapInBytes } });
    const heavy = (each: ReturnType<typeof watched>) => [heavyFaults(each), heavySwap(each)];
    expect(heavy(counted(12, 2 ** 20))).toEqual([false, false]);
    expect(heavy(counted(90_000, 2 ** 30))).toEqual([true, true]);
    expect(heavy(counted(undefined, undefined))).toEqual([false, false]);
  });
});

describe('the question', () => {
  const result: ChatResult = {
    text: '1, 2',
    thought: '',
    stopReason: 'maxTokens',
    promptTokens: 41,
    reusedTokens: 1,
    outputTokens: 32,
    thoughtTokens: 0,
    prefillMs: 4000,
    firstTokenMs: 4500,
    decodeMs: 31_000,
    tokensPerSecond: 1,
  };
  const snapshot: EngineSnapshot = { state: { kind: 'ready' }, info, model: undefined, runtime: undefined };

  function ask(options: {
    files?: Record<string, string>;
    during?: (files: Record<string, string>) => void;
    vram?: VramDevice[][];
    progress?: ChatProgress[];
    abort?: AbortController;
  }) {
    const files = options.files ?? {};
    let now = 0;
    const asked: ChatRequest[] = [];
    const fractions: number[] = [];
    const readings = [...(options.vram ?? [])];
    const watch = watchQuestion(
      {
        engine: {
          snapshot,
          chat: async (request, onProgress) => {
            asked.push(request);
            for (const progress of options.progress ?? []) {
              now += 10_000;
              onProgress(progress);
            }
            options.during?.(files);
            options.abort?.abort();
            await Promise.resolve();
            return result;
          },
        },
        system: new FakeSystem(files, pages),
        vram: () => Promise.resolve(readings.shift() ?? []),
        now: () => now,
      },
      (fraction) => fractions.push(fraction),
      options.abort?.signal ?? new AbortController().signal,
    );
    return { watch, asked, fractions };
  }

  it('tells what was counted meanwhile', async () => {
    const card = (used: number): VramDevice[] => [
      { name: 'x', totalBytes: 12 * GiB, usedBytes: used * GiB, source: 'nvidia-smi' },
    ];
    const { watch, asked, fractions } = ask({
      files: { '/proc/4711/stat': stat(100), '/proc/vmstat': vmstat(50, 5) },
      during: (files) => {
        files['/proc/4711/stat'] = stat(900);
        files['/proc/vmstat'] = vmstat(60, 5);
      },
      vram: [card(10), card(11.5), card(11)],
      progress: [
        { kind: 'prefill', done: 20, total: 40, reused: 0, tokensPerSecond: 5 },
        { kind: 'text', text: '1', tokens: 16, tokensPerSecond: 1 },
      ],
    });
    expect(await watch).toEqual({
      answer: {
        promptTokens: 41,
        outputTokens: 32,
        prefill: 10,
        decode: 1,
        firstTokenSeconds: 4.5,
        seconds: 20,
      },
      counted: { majorFaults: 800, swapInBytes: 163_840, swapOutBytes: 0 },
      vramPeakBytes: 11.5 * GiB,
      processVram: undefined,
    });
    expect(fractions.map((each) => each.toFixed(2))).toEqual(['0.15', '0.65']);
    expect(asked[0]).toMatchObject({
      kind: 'background',
      sampling: { temperature: 0, maxTokens: 32 },
      thinking: { mode: 'off' },
    });
  });

  it('does not tell what the system does not', async () => {
    expect(await ask({}).watch).toMatchObject({
      counted: { majorFaults: undefined, swapInBytes: undefined, swapOutBytes: undefined },
      vramPeakBytes: undefined,
      processVram: undefined,
    });
  });

  it('gives no half answer after a cancel', async () => {
    await expect(ask({ abort: new AbortController() }).watch).rejects.toThrow('aborted');
  });
});
