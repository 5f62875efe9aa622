import { describe, expect, it } from 'vitest';
import { terminalAttachment } from '../../../src/terminal/terminalAttachment';

const run = { command: 'npm test', exitCode: 1, output: 'Expected 5, got 4.', cwd: '/home/ada/sum' };

describe('a command as a model reads it', () => {
  it('has the command, its output and its exit code', () => {
    const attachment = terminalAttachment(run, 'id');
    expect(attachment.text).toBe('# in /home/ada/sum\n$ npm test\nExpected 5, got 4.\n(exit code 1)');
    expect(attachment.label).toBe('npm test');
  });

  it('says nothing of what is not known', () => {
    expect(terminalAttachment({ ...run, exitCode: undefined, cwd: undefined }, 'id')).toMatchObject({
      text: '$ npm test\nExpected 5, got 4.',
      path: 'Terminal',
    });
  });

  it('says so where no output is known', () => {
    expect(terminalAttachment({ ...run, output: '' }, 'id').text).toContain('(no output was recorded)');
  });

  it('goes without private keys', () => {
    const output = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nread';
    const { text } = terminalAttachment({ ...run, output }, 'id');
    expect(text).not.toContain('MIIE');
    expect(text).toContain('read');
  });

  it('keeps the first and the last lines of a long output, and says how many are missing', () => {
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}`);
    const { text } = terminalAttachment({ ...run, output: lines.join('\n') }, 'id');
    expect(text.length).toBeLessThan(8200);
    const kept = text.split('\n').filter((line) => /^line \d+$/.test(line));
    expect([kept[0], kept.at(-1)]).toEqual(['line 0', 'line 1999']);
    expect(text).toContain(`[${2000 - kept.length} lines left out]`);
  });
});
