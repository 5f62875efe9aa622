import { describe, expect, it } from 'vitest';
import { parseVideoControllers, readDriver } from '../../../src/doctor/driver';
import { lacksVectors, parseInstructionSets, readInstructionSets } from '../../../src/doctor/processor';
import { FakeSystem } from '../hardware/fakeSystem';

describe('instruction sets', () => {
  const zen4 =
    'processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse sse2 ssse3 fma avx f16c avx2 avx512f avx512_bf16 avx512_vnni\n';

  it('are named by their worth', () => {
    const sets = ['AVX-512', 'AVX-512 VNNI', 'AVX-512 BF16', 'AVX2', 'AVX', 'FMA', 'F16C'];
    expect(parseInstructionSets(zen4)).toEqual(sets);
    expect(lacksVectors(sets)).toBe(false);
  });

  it('of ARM are found under another heading', () => {
    const sets = parseInstructionSets('processor\t: 0\nFeatures\t: fp asimd evtstrm aes asimddp i8mm\n');
    expect(sets).toEqual(['NEON', 'dot product', 'I8MM']);
    expect(lacksVectors(sets)).toBe(false);
  });

  it('are missed where the CPU lacks them, not where nobody tells', async () => {
    expect(lacksVectors(parseInstructionSets('flags : fpu sse sse2\n'))).toBe(true);
    const windows = await readInstructionSets(new FakeSystem({}, {}, 'win32'), 'x64');
    expect([windows, lacksVectors(windows)]).toEqual([undefined, false]);
    expect(await readInstructionSets(new FakeSystem({}), 'x64')).toBeUndefined();
  });

  it('of a Mac come from sysctl', async () => {
    const intel = new FakeSystem(
      {},
      { '/usr/sbin/sysctl': 'FPU SSE3 FMA AVX1.0 F16C\nBMI1 AVX2\n' },
      'darwin',
    );
    expect(await readInstructionSets(intel, 'x64')).toEqual(['AVX2', 'AVX', 'FMA', 'F16C']);
    expect(await readInstructionSets(new FakeSystem({}, {}, 'darwin'), 'arm64')).toEqual(['NEON']);
  });
});

describe('the graphics driver', () => {
  it('is NVIDIA’s own figure where its tool is there, under WSL too', async () => {
    expect(await readDriver(new FakeSystem({}, { 'nvidia-smi': '550.54.14\n' }))).toBe('NVIDIA 550.54.14');
    const wsl = new FakeSystem({}, { '/usr/lib/wsl/lib/nvidia-smi': '551.23\n551.23\n' });
    expect(await readDriver(wsl)).toBe('NVIDIA 551.23');
    const failed = new FakeSystem({}, { 'nvidia-smi': 'Failed to initialize NVML: Driver mismatch\n' });
    expect(await readDriver(failed)).toBeUndefined();
  });

  it('is the kernel’s module elsewhere on Linux', async () => {
    const files = {
      '/sys/class/drm/card0/device/uevent': 'DRIVER=amdgpu\nPCI_CLASS=30000\n',
      '/sys/class/drm/card0-DP-1/status': 'connected\n',
      '/proc/sys/kernel/osrelease': '6.8.0-45-generic\n',
    };
    expect(await readDriver(new FakeSystem(files))).toBe('amdgpu (Linux 6.8.0-45-generic)');
    expect(await readDriver(new FakeSystem({}))).toBeUndefined();
  });

  it('is what Windows and macOS say', async () => {
    const json = '[{"Name":"AMD Radeon RX 6700 XT","DriverVersion":"31.0.21912.14"},{"Name":null}]';
    expect(parseVideoControllers(json)).toBe('AMD Radeon RX 6700 XT 31.0.21912.14');
    expect(await readDriver(new FakeSystem({}, { 'powershell.exe': 'nonsense' }, 'win32'))).toBeUndefined();
    expect(await readDriver(new FakeSystem({}, { '/usr/bin/sw_vers': '15.1\n' }, 'darwin'))).toBe(
      'macOS 15.1',
    );
  });
});
