import { describe, expect, it } from 'vitest';
import { indentStyleOf, reindent } from '../../../src/edit/indentation';

const spaces = { kind: 'spaces', width: 2 } as const;
const tabs = { kind: 'tabs', width: 4 } as const;
const method = ['    run() {', '      go();', '    }'];

describe('reindent', () => {
  it('moves code at the margin to where the old code stood', () => {
    expect(reindent('run() {\n  stop();\n\n}', method, spaces)).toEqual([
      '    run() {',
      '      stop();',
      '',
      '    }',
    ]);
  });

  it('leaves code that already stands right', () => {
    expect(reindent(method.join('\n'), method, spaces)).toEqual(method);
  });

  it('moves code that is too deep to the left', () => {
    expect(reindent('    run();\n      go();', ['run();'], spaces)).toEqual(['run();', '  go();']);
  });

  it('mends a first line that alone lost its indent', () => {
    expect(reindent('run() {\n      stop();\n    }', method, spaces)).toEqual([
      '    run() {',
      '      stop();',
      '    }',
    ]);
  });

  it('writes tabs in a file of tabs and spaces in a file of spaces', () => {
    expect(reindent('run() {\n  stop();\n}', ['\trun() {', '\t\tgo();', '\t}'], tabs)).toEqual([
      '\trun() {',
      '\t\tstop();',
      '\t}',
    ]);
    expect(reindent('run() {\n\tstop();\n}', method, spaces)).toEqual([
      '    run() {',
      '      stop();',
      '    }',
    ]);
  });
});

describe('indentStyleOf', () => {
  it('reads tabs, and the width of a level of spaces', () => {
    expect(indentStyleOf(['a', '\tb', '\t\tc'])).toMatchObject({ kind: 'tabs' });
    expect(indentStyleOf(['a {', '  b', '    c', ' * comment'])).toEqual({ kind: 'spaces', width: 2 });
  });
});
