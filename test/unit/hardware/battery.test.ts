import { describe, expect, it } from 'vitest';
import { readPowerSource } from '../../../src/hardware/battery';
import { FakeSystem } from './fakeSystem';

/** As in /sys/class/power_supply. */
function linux(supplies: Record<string, Record<string, string>>): FakeSystem {
  const files = Object.entries(supplies).flatMap(([name, own]) =>
    Object.entries(own).map(([file, text]) => [`/sys/class/power_supply/${name}/${file}`, `${text}\n`]),
  );
  return new FakeSystem(Object.fromEntries(files) as Record<string, string>);
}

describe('on Linux', () => {
  const battery = (status: string) => ({ type: 'Battery', status });
  const mouse = { type: 'Battery', scope: 'Device', status: 'Discharging', online: '1' };

  it.each([
    ['a desktop', {}, 'noBattery'],
    ['a desktop with a wireless mouse', { hidpp_battery_0: mouse }, 'noBattery'],
    [
      'a laptop without its charger',
      { AC: { type: 'Mains', online: '0' }, BAT0: battery('Discharging') },
      'battery',
    ],
    ['a laptop with it', { AC: { type: 'Mains', online: '1' }, BAT0: battery('Charging') }, 'mains'],
    ['a full one', { BAT0: battery('Full') }, 'mains'],
    ['a weak charger', { BAT0: battery('Discharging'), ucsi: { type: 'USB', online: '1' } }, 'mains'],
    ['one of two batteries', { BAT0: battery('Unknown'), BAT1: battery('Discharging') }, 'battery'],
  ])('%s', async (_, supplies: Record<string, Record<string, string>>, source) => {
    expect(await readPowerSource(linux(supplies))).toBe(source);
  });
});

describe('on macOS', () => {
  const mac = (output: string) => new FakeSystem({}, { pmset: output }, 'darwin');
  const cell = ' -InternalBattery-0 (id=4653155)\t80%; discharging; 4:10 remaining present: true\n';

  it.each([
    ['a battery in use', `Now drawing from 'Battery Power'\n${cell}`, 'battery'],
    ['a charger', `Now drawing from 'AC Power'\n${cell}`, 'mains'],
    ['a desktop', "Now drawing from 'AC Power'\n", 'noBattery'],
  ])('%s', async (_, output, source) => {
    expect(await readPowerSource(mac(output))).toBe(source);
  });
});

describe('on Windows', () => {
  it.each([
    ['a battery in use', '1\r\n', 'battery'],
    ['a charger', '2\r\n', 'mains'],
    ['one that is low', '2\r\n4\r\n', 'battery'],
    ['one that charges', '6\r\n', 'mains'],
    ['a desktop', '\r\n', 'noBattery'],
  ])('%s', async (_, output, source) => {
    expect(await readPowerSource(new FakeSystem({}, { 'powershell.exe': output }, 'win32'))).toBe(source);
  });
});

it('is not told where the tool is missing, or where nobody knows how', async () => {
  expect(await readPowerSource(new FakeSystem({}, {}, 'win32'))).toBeUndefined();
  expect(await readPowerSource(new FakeSystem({}, {}, 'darwin'))).toBeUndefined();
  expect(await readPowerSource(new FakeSystem({}, {}, 'freebsd'))).toBeUndefined();
});
