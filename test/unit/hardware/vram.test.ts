import { describe, expect, it } from 'vitest';
import { fromEngine, parseDrmCard, parseNvidiaSmi, VramReader } from '../../../src/hardware/vram';
import { FakeSystem } from './fakeSystem';

const mib = 2 ** 20;
const twoCards = 'NVIDIA GeForce RTX 3060, 12288, 11571\nNVIDIA A100-SXM4-40GB, 40960, 512\n';
const amdFiles = {
  '/sys/class/drm/card0-DP-1/status': 'connected',
  '/sys/class/drm/card1/device/mem_info_vram_total': '17163091968\n',
  '/sys/class/drm/card1/device/mem_info_vram_used': '1048576\n',
};

describe('parseNvidiaSmi', () => {
  it('reads every card, in bytes', () => {
    expect(parseNvidiaSmi(twoCards)).toEqual([
      {
        name: 'NVIDIA GeForce RTX 3060',
        totalBytes: 12288 * mib,
        usedBytes: 11571 * mib,
        source: 'nvidia-smi',
      },
      { name: 'NVIDIA A100-SXM4-40GB', totalBytes: 40960 * mib, usedBytes: 512 * mib, source: 'nvidia-smi' },
    ]);
  });

  it('leaves out what is no card', () => {
    expect(parseNvidiaSmi('No devices were found\n')).toEqual([]);
    expect(parseNvidiaSmi('NVIDIA GB10, [N/A], [N/A]\r\n')).toEqual([]);
    expect(parseNvidiaSmi('')).toEqual([]);
  });

  it('keeps a comma in a name', () => {
    expect(parseNvidiaSmi('Tesla T4, rev. A, 15360, 0\r\n')).toMatchObject([
      { name: 'Tesla T4, rev. A', usedBytes: 0 },
    ]);
  });
});

describe('parseDrmCard', () => {
  it('names a card without a product name after its node', () => {
    expect(parseDrmCard('card1', { total: '1000\n', used: '10\n', product: undefined })).toEqual({
      name: 'AMD (card1)',
      totalBytes: 1000,
      usedBytes: 10,
      source: 'sysfs',
    });
    expect(parseDrmCard('card1', { total: '1000', used: '10', product: 'Radeon Pro W7900\n' })?.name).toBe(
      'Radeon Pro W7900',
    );
  });

  it('knows nothing of a card that is not one of AMD', () => {
    expect(parseDrmCard('card0', { total: undefined, used: undefined, product: undefined })).toBeUndefined();
    expect(parseDrmCard('card0', { total: 'x', used: '1', product: undefined })).toBeUndefined();
  });
});

describe('VramReader', () => {
  /** Each look at it is two seconds later. */
  const clock = () => {
    let time = 0;
    return () => (time += 2000);
  };

  it('prefers the NVIDIA tool over an AMD processor graphics', async () => {
    const reader = new VramReader(new FakeSystem(amdFiles, { 'nvidia-smi': twoCards }));
    expect((await reader.read()).map((device) => device.source)).toEqual(['nvidia-smi', 'nvidia-smi']);
  });

  it('finds the tool where WSL keeps it', async () => {
    const system = new FakeSystem({}, { '/usr/lib/wsl/lib/nvidia-smi': twoCards });
    const reader = new VramReader(system, clock());
    expect(await reader.read()).toHaveLength(2);
    await reader.read();
    expect(system.runs).toEqual(['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi']);
  });

  it('reads the kernel files for AMD, and looks for the tool only once', async () => {
    const system = new FakeSystem(amdFiles);
    const reader = new VramReader(system, clock());
    await reader.read();
    expect(await reader.read()).toEqual([
      { name: 'AMD (card1)', totalBytes: 17163091968, usedBytes: 1048576, source: 'sysfs' },
    ]);
    expect(system.runs).toHaveLength(2);
  });

  it('reads once for all who ask within a second', async () => {
    let time = 0;
    const system = new FakeSystem({}, { 'nvidia-smi': twoCards });
    const reader = new VramReader(system, () => time);
    await Promise.all([reader.read(), reader.read()]);
    time = 999;
    expect(await reader.read()).toHaveLength(2);
    expect(system.runs).toHaveLength(1);
    time = 1000;
    await reader.read();
    expect(system.runs).toHaveLength(2);
  });

  it('has nothing to say without a card', async () => {
    expect(await new VramReader(new FakeSystem({})).read()).toEqual([]);
    expect(await new VramReader(new FakeSystem(amdFiles, {}, 'win32')).read()).toEqual([]);
  });
});

it('names the engine as the source of its own figures', () => {
  const device = { name: 'Apple M3', totalBytes: 100, freeBytes: 60, usedBytes: 40 };
  expect(fromEngine({ rssBytes: 1, devices: [device] })).toEqual([
    { name: 'Apple M3', totalBytes: 100, usedBytes: 40, source: 'engine' },
  ]);
});
