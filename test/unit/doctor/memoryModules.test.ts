import { describe, expect, it } from 'vitest';
import {
  parseDmidecode,
  parsePhysicalMemory,
  parseSystemProfiler,
  readMemoryModules,
} from '../../../src/doctor/memoryModules';
import { channelOf, ratedByPart } from '../../../src/doctor/memoryNames';
import { memorySpeed } from '../../../src/doctor/memorySpeed';
import { FakeSystem } from '../hardware/fakeSystem';

const GiB = 2 ** 30;

const dmidecode = `# dmidecode 3.5
Getting SMBIOS data from sysfs.
SMBIOS 3.5.0 present.

Handle 0x003C, DMI type 17, 92 bytes
Memory Device
	Array Handle: 0x003A
	Error Information Handle: 0x003B
	Total Width: 64 bits
	Data Width: 64 bits
	Size: 16 GB
	Form Factor: DIMM
	Set: None
	Locator: DIMM_A2
	Bank Locator: P0 CHANNEL A
	Type: DDR5
	Type Detail: Synchronous Unbuffered (Unregistered)
	Speed: 4800 MT/s
	Manufacturer: G Skill Intl
	Part Number: F5-6000J3038F16G
	Rank: 1
	Configured Memory Speed: 4800 MT/s

Handle 0x003E, DMI type 17, 92 bytes
Memory Device
	Total Width: Unknown
	Data Width: Unknown
	Size: No Module Installed
	Locator: DIMM_A1
	Bank Locator: P0 CHANNEL A
	Type: Unknown
	Speed: Unknown

Handle 0x0040, DMI type 17, 92 bytes
Memory Device
	Total Width: 64 bits
	Data Width: 64 bits
	Size: 16384 MB
	Locator: DIMM_B2
	Bank Locator: P0 CHANNEL B
	Type: DDR5
	Speed: 4800 MT/s
	Part Number: F5-6000J3038F16G
	Configured Clock Speed: 4800 MT/s
`;

describe('dmidecode', () => {
  it('tells the modules that are there, and a profile that is off', () => {
    const modules = parseDmidecode(dmidecode);
    const module = { bytes: 16 * GiB, kind: 'DDR5', ratedSpeed: 6000, speed: 4800, width: 64 };
    expect(modules).toEqual([
      { ...module, channel: '0/A' },
      { ...module, channel: '0/B' },
    ]);
    expect(memorySpeed(modules)).toEqual({
      speed: 4800,
      ratedSpeed: 6000,
      channels: 2,
      bandwidth: 76.8e9,
      belowRated: true,
      singleChannel: false,
    });
  });

  it('is not told where it may not be read', async () => {
    expect(await readMemoryModules(new FakeSystem({}))).toBeUndefined();
    const denied = new FakeSystem({}, { dmidecode: '/sys/firmware/dmi/tables/smbios: Permission denied\n' });
    expect(await readMemoryModules(denied)).toBeUndefined();
  });

  it('is found outside PATH', async () => {
    const system = new FakeSystem({}, { '/usr/sbin/dmidecode': dmidecode });
    expect(await readMemoryModules(system)).toHaveLength(2);
  });
});

describe('Win32_PhysicalMemory', () => {
  const one = {
    Capacity: 34359738368,
    Speed: 3200,
    ConfiguredClockSpeed: 2666,
    SMBIOSMemoryType: 26,
    DataWidth: 64,
    DeviceLocator: 'ChannelA-DIMM1',
    BankLabel: 'BANK 1',
    PartNumber: 'CMK64GX4M2E3200C16  ',
  };

  it('tells a single module, which is an object of its own', () => {
    const modules = parsePhysicalMemory(JSON.stringify(one));
    expect(modules).toEqual([
      { bytes: 32 * GiB, kind: 'DDR4', ratedSpeed: 3200, speed: 2666, width: 64, channel: '0/A' },
    ]);
    expect(memorySpeed(modules)).toMatchObject({
      channels: 1,
      bandwidth: 21.328e9,
      belowRated: true,
      singleChannel: true,
    });
  });

  it('tells two modules on one channel from two on two', () => {
    const both = (slot: string) =>
      memorySpeed(parsePhysicalMemory(JSON.stringify([one, { ...one, DeviceLocator: slot }]))).channels;
    expect([both('ChannelA-DIMM0'), both('ChannelB-DIMM1'), both('Slot 3')]).toEqual([1, 2, undefined]);
  });

  it('does not guess at soldered memory, nor at what is missing', async () => {
    const chip = { ...one, DataWidth: 16, SMBIOSMemoryType: 35, DeviceLocator: 'Controller0-ChannelA' };
    const modules = parsePhysicalMemory(JSON.stringify([chip, chip]));
    expect(memorySpeed(modules)).toMatchObject({ channels: undefined, bandwidth: undefined });
    expect(parsePhysicalMemory('{"Capacity":null,"Speed":null}')).toEqual([]);
    expect(parsePhysicalMemory('[{"Capacity":8589934592,"Speed":0}]')).toEqual([
      {
        bytes: 8 * GiB,
        kind: undefined,
        ratedSpeed: undefined,
        speed: undefined,
        width: undefined,
        channel: undefined,
      },
    ]);
    const system = new FakeSystem({}, { 'powershell.exe': 'Get-CimInstance: Access denied' }, 'win32');
    expect(await readMemoryModules(system)).toBeUndefined();
  });
});

describe('system_profiler', () => {
  it('tells Apple silicon’s one memory', () => {
    const json =
      '{"SPMemoryDataType":[{"dimm_manufacturer":"Hynix","dimm_type":"LPDDR5","SPMemoryDataType":"16 GB"}]}';
    const modules = parseSystemProfiler(json);
    expect(modules).toEqual([
      {
        bytes: 16 * GiB,
        kind: 'LPDDR5',
        ratedSpeed: undefined,
        speed: undefined,
        width: undefined,
        channel: undefined,
      },
    ]);
    expect(memorySpeed(modules).singleChannel).toBe(false);
  });

  it('tells the modules of an Intel machine', () => {
    const item = (name: string, size: string) => ({
      _name: name,
      dimm_size: size,
      dimm_speed: size === 'empty' ? 'empty' : '2667 MHz',
      dimm_type: size === 'empty' ? 'empty' : 'DDR4',
      dimm_part_number: '8ATF1G64HZ-2G6E1',
    });
    const json = JSON.stringify({
      SPMemoryDataType: [
        {
          _items: [
            item('BANK 0/ChannelA-DIMM0', '8 GB'),
            item('BANK 1/ChannelA-DIMM1', 'empty'),
            item('BANK 2/ChannelB-DIMM0', '8 GB'),
          ],
        },
      ],
    });
    expect(memorySpeed(parseSystemProfiler(json))).toMatchObject({
      speed: 2667,
      channels: 2,
      bandwidth: 42.672e9,
    });
  });
});

describe('names', () => {
  it('of slots tell the channel, or nothing', () => {
    const names: [string, string, string | undefined][] = [
      ['DIMM_A1', 'BANK 0', '0/A'],
      ['DIMMB2', '', '0/B'],
      ['DIMM 0', 'P0 CHANNEL C', '0/C'],
      ['Controller1-ChannelA-DIMM0', 'BANK 2', '1/A'],
      ['Controller0-ChannelA-DIMM0', 'BANK 0', '0/A'],
      ['DIMM 0', 'BANK 0', undefined],
      ['Slot 1', '', undefined],
    ];
    expect(names.map(([slot, bank]) => channelOf(slot, bank))).toEqual(names.map(([, , channel]) => channel));
  });

  it('of kits tell the speed of their profile, others nothing', () => {
    const parts = [
      'F4-3600C16D-32GTZN',
      'CMK32GX5M2B5600C36',
      'KF560C36-16',
      'KF432C16BB/8',
      'M471A1K43DB1-CTD',
    ];
    expect(parts.map(ratedByPart)).toEqual([3600, 5600, 6000, 3200, undefined]);
  });
});
