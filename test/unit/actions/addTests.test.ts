import { describe, expect, it } from 'vitest';
import { addTests } from '../../../src/actions/addTests';

describe('tests that are added to a file', () => {
  it('come last, with the imports that are new', () => {
    const existing =
      "import { it } from 'vitest';\nimport { add } from '../src/add';\n\nit('adds', () => add(1, 2));\n";
    const added =
      "import { it } from 'vitest';\nimport { sub } from '../src/add';\n\nit('subtracts', () => sub(1, 2));";
    expect(addTests(existing, added, 'typescript')).toBe(
      `${existing}\nimport { sub } from '../src/add';\n\nit('subtracts', () => sub(1, 2));\n`,
    );
  });

  it('keep the line ends of the file', () => {
    expect(addTests('test one\r\n', 'test two\ntest three', 'plaintext')).toBe(
      'test one\r\n\r\ntest two\r\ntest three\r\n',
    );
  });

  it('are members of the class where the language wants that', () => {
    const existing = 'class QueueTest {\n    @Test\n    void pushes() {\n    }\n}\n';
    const added = '@Test\nvoid pops() {\n    assertTrue(true);\n}';
    expect(addTests(existing, added, 'java')).toBe(
      'class QueueTest {\n    @Test\n    void pushes() {\n    }\n\n    @Test\n    void pops() {\n        assertTrue(true);\n    }\n}\n',
    );
  });

  it('keep tabs, and the indent that they come with', () => {
    const existing = 'class QueueTests\n{\n\t[Fact]\n\tpublic void Pushes()\n\t{\n\t}\n}\n';
    const added = '    [Fact]\n    public void Pops()\n    {\n    }';
    expect(addTests(existing, added, 'csharp')).toContain(
      '\t}\n\n\t[Fact]\n\tpublic void Pops()\n\t{\n\t}\n}\n',
    );
  });

  it('are members of the class also within the block of a namespace', () => {
    const existing =
      'namespace Shop\n{\n    public static partial class QueueTests\n    {\n        private class Fake\n        {\n        }\n    }\n}\n';
    const added = '[Fact]\npublic void Pops()\n{\n}';
    expect(addTests(existing, added, 'csharp')).toBe(
      existing.replace(
        '    }\n}\n',
        '\n        [Fact]\n        public void Pops()\n        {\n        }\n    }\n}\n',
      ),
    );
  });

  it('take the indent that the class has', () => {
    const existing = 'class QueueTest {\n  void pushes() {\n  }\n}\n';
    expect(addTests(existing, 'void pops() {\n  pop();\n}', 'java')).toBe(
      'class QueueTest {\n  void pushes() {\n  }\n\n  void pops() {\n    pop();\n  }\n}\n',
    );
  });

  it('stand beside the class where they bring one of their own', () => {
    const existing = 'class QueueTest {\n}\n';
    expect(addTests(existing, 'class StackTest {\n}', 'java')).toBe(
      'class QueueTest {\n}\n\nclass StackTest {\n}\n',
    );
  });

  it('are the whole of an empty file', () => {
    expect(addTests('', 'test one', 'plaintext')).toBe('test one\n');
  });
});
