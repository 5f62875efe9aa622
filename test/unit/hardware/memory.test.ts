import { describe, expect, it } from 'vitest';
import { parseCpuinfo, readPhysicalCores } from '../../../src/hardware/cores';
import { parseCgroup, readRam, withinLimit } from '../../../src/hardware/memory';
import { FakeSystem } from './fakeSystem';

const meminfo = 'MemTotal:       65536000 kB\nMemFree:         1000000 kB\nMemAvailable:   49152000 kB\n';
const gib = 2 ** 30;

describe('readRam', () => {
  it('counts what caches would give back as available', async () => {
    const system = new FakeSystem({ '/proc/meminfo': meminfo });
    expect(await readRam(system)).toEqual({
      totalBytes: 65536000 * 1024,
      availableBytes: 49152000 * 1024,
    });
  });

  it('keeps within the limit of its control group', async () => {
    const system = new FakeSystem({
      '/proc/meminfo': meminfo,
      '/proc/self/cgroup': '0::/user.slice/app.scope\n',
      '/sys/fs/cgroup/user.slice/memory.max': `${8 * gib}\n`,
      '/sys/fs/cgroup/user.slice/memory.current': `${5 * gib}\n`,
      '/sys/fs/cgroup/user.slice/memory.stat': `anon 1\ninactive_file ${2 * gib}\n`,
      '/sys/fs/cgroup/user.slice/app.scope/memory.max': 'max\n',
      '/sys/fs/cgroup/user.slice/app.scope/memory.current': '1\n',
    });
    expect(await readRam(system)).toEqual({ totalBytes: 8 * gib, availableBytes: 5 * gib });
  });

  it('reads a container, whose own group is the root of what it sees', async () => {
    const system = new FakeSystem({
      '/proc/meminfo': meminfo,
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': `${4 * gib}`,
      '/sys/fs/cgroup/memory.current': `${gib}`,
    });
    expect(await readRam(system)).toEqual({ totalBytes: 4 * gib, availableBytes: 3 * gib });
  });

  it('reads control groups of version 1', async () => {
    const system = new FakeSystem({
      '/proc/meminfo': meminfo,
      '/proc/self/cgroup': '12:cpu,cpuacct:/\n7:memory:/docker/abc\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 * gib}`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${gib}`,
    });
    expect((await readRam(system)).totalBytes).toBe(2 * gib);
  });

  it('falls back to what Node knows', async () => {
    const reading = await readRam(new FakeSystem({}, {}, 'win32'));
    expect(reading.totalBytes).toBeGreaterThan(reading.availableBytes);
    expect(reading.availableBytes).toBeGreaterThan(0);
  });
});

describe('limits', () => {
  it('takes "max" and a number beyond any memory for none', () => {
    expect(parseCgroup('max', '1', undefined)).toBeUndefined();
    expect(parseCgroup('9223372036854771712', '1', undefined)).toBeUndefined();
    expect(parseCgroup(undefined, undefined, undefined)).toBeUndefined();
  });

  it('never leaves less than nothing', () => {
    const machine = { totalBytes: 10, availableBytes: 8 };
    expect(withinLimit(machine, { limitBytes: 5, usedBytes: 6 })).toEqual({
      totalBytes: 5,
      availableBytes: 0,
    });
    expect(withinLimit(machine, { limitBytes: 20, usedBytes: 6 })).toBe(machine);
  });
});

describe('physical cores', () => {
  const cpu = (processor: number, socket: number, core: number) =>
    `processor\t: ${processor}\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;

  it('counts a core with two threads once, and the same id on two sockets twice', () => {
    expect(parseCpuinfo([cpu(0, 0, 0), cpu(1, 0, 0), cpu(2, 1, 0)].join('\n'))).toBe(2);
  });

  it('counts processors where no cores are named', () => {
    expect(parseCpuinfo('processor\t: 0\nBogoMIPS : 50\n\nprocessor\t: 1\n\nHardware\t: BCM2835\n')).toBe(2);
    expect(parseCpuinfo('')).toBeUndefined();
  });

  it('asks sysctl on a Mac', async () => {
    const system = new FakeSystem({}, { '/usr/sbin/sysctl': '10\n' }, 'darwin');
    expect(await readPhysicalCores(system)).toBe(10);
    expect(await readPhysicalCores(new FakeSystem({}, {}, 'darwin'))).toBeUndefined();
  });
});
