import { describe, expect, it } from 'vitest';
import { BoundedOutput, plainText } from '../../../src/terminal/terminalText';

describe('terminal output', () => {
  it('loses its colours, its links and what the shell tells the editor', () => {
    const raw =
      '\u001b[31merror\u001b[0m: \u001b[1mno such file\u001b[22m\r\n' +
      '\u001b]8;;https://example.com\u0007docs\u001b]8;;\u0007\r\n\u001b]633;D;1\u0007';
    expect(plainText(raw)).toBe('error: no such file\ndocs');
  });

  it('keeps the last state of a line that was written over', () => {
    expect(plainText('10 %\r50 %\r100 %\r\ndone')).toBe('100 %\ndone');
    expect(plainText('Downloading\rDone')).toBe('Doneloading');
    expect(plainText('Downloading\r\u001b[KDone\n')).toBe('Done');
    expect(plainText('Downloading\u001b[2K\rDone')).toBe('Done');
  });

  it('is kept whole while it is short', () => {
    const output = new BoundedOutput();
    output.add('one\r\n');
    output.add('two\r\n');
    expect(output.text()).toBe('one\ntwo');
  });

  it('is kept in its beginning and its end, in whole lines, where it is long', () => {
    const output = new BoundedOutput();
    const line = (index: number) => `line ${index} \u001b[32mfine\u001b[0m\r\n`;
    for (let index = 0; index < 100_000; index++) output.add(line(index));
    const text = output.text();
    expect(text.length).toBeLessThan(80_000);
    const lines = text.split('\n').filter((each) => each !== '');
    expect(lines[0]).toBe('line 0 fine');
    expect(lines.at(-1)).toBe('line 99999 fine');
    expect(lines.filter((each) => !/^line \d+ fine$/.test(each))).toEqual(['…']);
  });

  it('stays bounded where no line ends', () => {
    const output = new BoundedOutput();
    for (let index = 0; index < 1000; index++) output.add('x'.repeat(1000));
    expect(output.text().length).toBeLessThan(80_000);
  });
});
