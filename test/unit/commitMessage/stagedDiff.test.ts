import { describe, expect, it } from 'vitest';
import { diffsByFile, headOf, withoutPlumbing } from '../../../src/commitMessage/stagedDiff';

const changed = `diff --git a/src/add.ts b/src/add.ts
index 0123abc..4567def 100644
--- a/src/add.ts
+++ b/src/add.ts
@@ -1,2 +1,2 @@
-return 0;
+return a + b;
+index 1234..5678`;
const moved = `diff --git a/old name.ts b/new name.ts
similarity index 100%
rename from old name.ts
rename to new name.ts`;
const binary = `diff --git a/icons/a b.png b/icons/a b.png
new file mode 100644
index 0000000..4567def
Binary files /dev/null and b/icons/a b.png differ`;
const removed = `diff --git a/gone.ts b/gone.ts
deleted file mode 100644
index 0123abc..0000000
--- a/gone.ts
+++ /dev/null
@@ -1 +0,0 @@
-x`;

describe('a staged diff', () => {
  it('is split by files, each under its path', () => {
    const diffs = diffsByFile(`${[changed, moved, binary, removed].join('\n')}\n`);
    expect(diffs.map(({ path }) => path)).toEqual(['src/add.ts', 'new name.ts', 'icons/a b.png', 'gone.ts']);
    expect(diffs[0]?.text).toBe(changed);
  });

  it('names its files also where git is set to other prefixes, or to none', () => {
    const mnemonic = changed.replaceAll('a/src', 'c/src').replaceAll('b/src', 'i/src');
    expect(diffsByFile(mnemonic)[0]?.path).toBe('src/add.ts');
    const bare = changed.replaceAll('a/src', 'src').replaceAll('b/src', 'src');
    expect(diffsByFile(bare)[0]?.path).toBe('src/add.ts');
  });

  it('stays whole where another program wrote it', () => {
    expect(diffsByFile('add.ts changed\r\n')).toEqual([{ path: '', text: 'add.ts changed' }]);
    expect(diffsByFile('')).toEqual([]);
  });

  it('is not split by changed lines that look like its head', () => {
    const tricky = changed.replace('+return a + b;', '+diff --git a/x b/x');
    expect(diffsByFile(tricky)).toHaveLength(1);
  });

  it('loses what only git needs, and no changed line', () => {
    const text = withoutPlumbing(changed);
    expect(text).not.toContain('0123abc');
    expect(text).toContain('+index 1234..5678');
    expect(text.split('\n')).toHaveLength(changed.split('\n').length - 1);
  });

  it('has a head without content', () => {
    expect(headOf(changed)).toBe('diff --git a/src/add.ts b/src/add.ts\n--- a/src/add.ts\n+++ b/src/add.ts');
  });
});
