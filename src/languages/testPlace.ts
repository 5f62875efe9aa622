/** Where tests of a file belong. */
export interface TestPlace {
  /** Workspace-relative, with slashes. */
  readonly path: string;
  /** Whether that file is there already: its tests are to be added to. */
  readonly exists: boolean;
  /** What the tests are written with, as a model knows it by name, e.g. "Vitest". */
  readonly framework: string;
  /** A test of the project to take the style from: the nearest one of the same language. */
  readonly example: string | undefined;
}

interface TestConvention {
  /** Whether a file's name is that of a test. */
  readonly isTest: (name: string) => boolean;
  /** A test's name for `stem` and `ending` (with its dot) of a file. */
  readonly nameFor: (stem: string, ending: string) => string;
  /** Folder that tests live in where the project has no test yet; undefined: beside the file. */
  readonly folder?: string;
  /** The first whose mark is among the paths, else the last. */
  readonly frameworks: readonly (readonly [mark: RegExp, framework: string])[];
}

const anywhere = /^/;
const script: TestConvention = {
  isTest: (name) => /\.(?:test|spec)\.[cm]?[jt]sx?$/.test(name),
  nameFor: (stem, ending) => `${stem}.test${ending}`,
  frameworks: [
    [/(?:^|\/)vitest\.(?:config|workspace)\./, 'Vitest'],
    [/(?:^|\/)jest\.config\./, 'Jest'],
    [/(?:^|\/)\.mocharc/, 'Mocha with node:assert'],
    [/(?:^|\/)karma\.conf\./, 'Jasmine'],
    [/(?:^|\/)playwright\.config\./, 'Playwright Test'],
    [anywhere, "Node's own test runner (node:test with node:assert/strict)"],
  ],
};
const cFamily: TestConvention = {
  isTest: (name) => /(?:_test|_tests|Test|Tests)\.(?:c|cc|cpp|cxx)$|^test_.*\.(?:c|cc|cpp|cxx)$/.test(name),
  nameFor: (stem, ending) => `${stem}_test${/^\.h/.test(ending) ? '.cpp' : ending}`,
  folder: 'tests',
  frameworks: [
    [/(?:^|\/)catch(?:2|_amalgamated)?\.(?:hpp|cpp)$/i, 'Catch2'],
    [/(?:^|\/)doctest\.h$/, 'doctest'],
    [/(?:^|\/)unity\.[ch]$/, 'Unity'],
    [anywhere, 'GoogleTest'],
  ],
};

/** By the editor's language id. */
const conventions: Readonly<Record<string, TestConvention>> = {
  typescript: script,
  typescriptreact: script,
  javascript: script,
  javascriptreact: script,
  python: {
    isTest: (name) => /^test_.*\.py$|_test\.py$/.test(name),
    nameFor: (stem) => `test_${stem}.py`,
    folder: 'tests',
    frameworks: [
      [/(?:^|\/)(?:pytest\.ini|conftest\.py)$/, 'pytest'],
      [/(?:^|\/)manage\.py$/, "Django's TestCase"],
      [anywhere, 'pytest'],
    ],
  },
  go: {
    isTest: (name) => name.endsWith('_test.go'),
    nameFor: (stem) => `${stem}_test.go`,
    frameworks: [[anywhere, "Go's testing package, table-driven"]],
  },
  rust: {
    isTest: (name) => /_tests?\.rs$|^tests?\.rs$/.test(name),
    nameFor: (stem) => `${stem}_test.rs`,
    folder: 'tests',
    frameworks: [[anywhere, "Rust's own tests (#[test]), as an integration test"]],
  },
  java: {
    isTest: (name) => /(?:Test|Tests|IT)\.java$/.test(name),
    nameFor: (stem) => `${stem}Test.java`,
    frameworks: [[anywhere, 'JUnit 5']],
  },
  c: cFamily,
  cpp: cFamily,
  csharp: {
    isTest: (name) => /Tests?\.cs$/.test(name),
    nameFor: (stem) => `${stem}Tests.cs`,
    frameworks: [[anywhere, 'xUnit']],
  },
  php: {
    isTest: (name) => name.endsWith('Test.php'),
    nameFor: (stem) => `${stem}Test.php`,
    folder: 'tests',
    frameworks: [
      [/(?:^|\/)Pest\.php$/, 'Pest'],
      [anywhere, 'PHPUnit'],
    ],
  },
  ruby: {
    isTest: (name) => /_(?:spec|test)\.rb$/.test(name),
    nameFor: (stem) => `${stem}_test.rb`,
    folder: 'test',
    frameworks: [
      [/(?:^|\/)(?:\.rspec$|spec\/spec_helper\.rb$)/, 'RSpec'],
      [anywhere, 'Minitest'],
    ],
  },
  shellscript: {
    isTest: (name) => name.endsWith('.bats'),
    nameFor: (stem) => `${stem}.bats`,
    folder: 'test',
    frameworks: [[anywhere, 'Bats']],
  },
};

/**
 * Where a test of a file belongs and what it is written with, by the tests that the project has; without any, by what
 * is usual in the language. Undefined for a language without tests of its own (SQL, HTML, CSS, Markdown), and for a
 * file that is a test itself.
 * @param path the file, workspace-relative
 * @param languageId the editor's id of its language
 * @param existingPaths files of the workspace, relative: those of tests and of their configuration tell
 */
export function testPlace(
  path: string,
  languageId: string,
  existingPaths: readonly string[],
): TestPlace | undefined {
  const convention = conventions[languageId];
  const { folder, name, stem, ending } = partsOf(slashed(path));
  if (convention === undefined || convention.isTest(name)) return undefined;
  const paths = existingPaths.map(slashed);
  const tests = paths.filter((each) => convention.isTest(partsOf(each).name));
  const own = tests.find((each) => testedStem(each) === stem);
  const example = own ?? nearest(tests, folder);
  const testName =
    example === undefined ? convention.nameFor(stem, ending) : likeNamed(example, stem, ending);
  const place = own ?? joined(folderFor(folder, example, paths, convention), testName);
  const framework = frameworkOf(convention, paths, example);
  return { path: place, exists: paths.includes(place), framework, example };
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\.\//, '');
}

function partsOf(path: string): { folder: string; name: string; stem: string; ending: string } {
  const cut = path.lastIndexOf('/');
  const name = path.slice(cut + 1);
  const dot = name.lastIndexOf('.');
  const stem = dot <= 0 ? name : name.slice(0, dot);
  return { folder: cut < 0 ? '' : path.slice(0, cut), name, stem, ending: dot <= 0 ? '' : name.slice(dot) };
}

const testAffixes = /^test_|[._](?:test|tests|spec)$|(?:Test|Tests|IT)$/;

/** The stem of what a test tests, by the test's name. */
function testedStem(testPath: string): string {
  return partsOf(testPath).stem.replace(testAffixes, '');
}

/** A name as the example's: `queue_spec.rb` gives `stack_spec.rb`. */
function likeNamed(example: string, stem: string, ending: string): string {
  const { stem: whole, ending: itsEnding } = partsOf(example);
  const tested = testedStem(example);
  const own = whole.replace(tested, () => stem);
  return own + (/^\.[cm]?[jt]sx?$/.test(ending) ? ending : itsEnding);
}

/** The test that shares the most leading folders with a folder; the first by name among equals. */
function nearest(tests: readonly string[], folder: string): string | undefined {
  const wanted = folder.split('/');
  const shared = (test: string) => {
    const own = partsOf(test).folder.split('/');
    // A tree of tests repeats the tree of sources below another root.
    const tail = own.filter((part) => wanted.includes(part)).length;
    return own.every((part, index) => part === wanted[index]) ? tail + 0.5 : tail;
  };
  return [...tests].sort((a, b) => shared(b) - shared(a) || (a < b ? -1 : 1))[0];
}

const testRoots = ['test', 'tests', 'spec', '__tests__', 'unit'];
const sourceRoots = ['src', 'lib', 'app'];

/** As the example lies to its source, the new one does to its own. */
function folderFor(
  folder: string,
  example: string | undefined,
  paths: readonly string[],
  convention: TestConvention,
): string {
  if (example === undefined) return emptyProjectFolder(folder, convention);
  const exampleFolder = partsOf(example).folder;
  const source = paths.find(
    (each) =>
      each !== example &&
      !convention.isTest(partsOf(each).name) &&
      partsOf(each).stem === testedStem(example),
  );
  if (source !== undefined) {
    const sourceFolder = partsOf(source).folder;
    if (sourceFolder === exampleFolder) return folder;
    if (exampleFolder === joined(sourceFolder, '__tests__')) return joined(folder, '__tests__');
    const mirrored = mirror(sourceFolder, exampleFolder, folder);
    if (mirrored !== undefined) return mirrored;
  }
  if (partsOf(exampleFolder).name === '__tests__') return joined(folder, '__tests__');
  return exampleFolder.split('/').some((part) => testRoots.includes(part)) ? exampleFolder : folder;
}

/** `src/a` is tested in `test/a`: where `src/b` is tested. Undefined where the two have nothing in common. */
function mirror(source: string, test: string, folder: string): string | undefined {
  const from = source.split('/').filter((part) => part !== '');
  const to = test.split('/').filter((part) => part !== '');
  let same = 0;
  while (same < from.length && same < to.length && from.at(-1 - same) === to.at(-1 - same)) same++;
  const sourceRoot = from.slice(0, from.length - same).join('/');
  const testRoot = to.slice(0, to.length - same).join('/');
  if (folder === sourceRoot) return testRoot;
  if (sourceRoot === '') return joined(testRoot, folder);
  return folder.startsWith(`${sourceRoot}/`)
    ? joined(testRoot, folder.slice(sourceRoot.length + 1))
    : undefined;
}

function emptyProjectFolder(folder: string, convention: TestConvention): string {
  if (folder.startsWith('src/main/')) return folder.replace('src/main/', 'src/test/');
  if (convention.folder === undefined) return folder;
  const parts = folder.split('/').filter((part) => part !== '');
  const root = parts.findIndex((part) => sourceRoots.includes(part));
  return root < 0 ? convention.folder : [...parts.slice(0, root), convention.folder].join('/');
}

function frameworkOf(
  convention: TestConvention,
  paths: readonly string[],
  example: string | undefined,
): string {
  const found = convention.frameworks.find(
    ([mark]) => mark !== anywhere && paths.some((each) => mark.test(each)),
  );
  if (found !== undefined) return found[1];
  if (example?.endsWith('_spec.rb') === true) return 'RSpec';
  return convention.frameworks.at(-1)?.[1] ?? '';
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}
