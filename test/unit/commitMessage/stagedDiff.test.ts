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
    const diffs = diffsByFile(`${[changed, moved, binary, removed].join('\n')}\n`) ?? [];
    expect(diffs.map(({ path }) => path)).toEqual(['src/add.ts', 'new name.ts', 'icons/a b.png', 'gone.ts']);
    expect(diffs[0]?.text).toBe(changed);
  });

  it('names its files also where git is set to other prefixes, or to none', () => {
    const mnemonic = changed.replaceAll('a/src', 'c/src').replaceAll('b/src', 'i/src');
    expect(diffsByFile(mnemonic)?.[0]?.path).toBe('src/add.ts');
    const bare = changed.replaceAll('a/src', 'src').replaceAll('b/src', 'src');
    expect(diffsByFile(bare)?.[0]?.path).toBe('src/add.ts');
  });

  it('is none of git’s where another program wrote all or a part of it', () => {
    expect(diffsByFile('add.ts changed\r\n')).toBeUndefined();
    expect(diffsByFile(`.env --- Text\n1 TOKEN=1\n${changed}`)).toBeUndefined();
    expect(diffsByFile(`${changed}\n.env --- Text\n1 TOKEN=1`)).toBeUndefined();
    expect(diffsByFile('\u001B[1mdiff --git a/.env b/.env\u001B[m')).toBeUndefined();
    expect(diffsByFile('')).toEqual([]);
  });

  it('names all paths of a file: its content may be that of a secret one', () => {
    const renamed = `diff --git a/.env b/config.txt
similarity index 60%
rename from .env
rename to config.txt
--- a/.env
+++ b/config.txt
@@ -1 +1,2 @@
 TOKEN=1
+x`;
    const [file] = diffsByFile(renamed) ?? [];
    expect(file).toMatchObject({ path: 'config.txt', paths: ['.env', '.env', 'config.txt', 'config.txt'] });
  });

  it('may hold submodules and files that are not merged', () => {
    const submodule = 'Submodule lib 0123abc..4567def:\n  > Mend it';
    const diffs = diffsByFile(`* Unmerged path both.ts\n${changed}\n${submodule}\n`) ?? [];
    expect(diffs.map(({ path }) => path)).toEqual(['src/add.ts', 'lib']);
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
