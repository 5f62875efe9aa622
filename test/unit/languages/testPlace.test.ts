import { describe, expect, it } from 'vitest';
import { testPlace } from '../../../src/languages/testPlace';

const place = (path: string, languageId: string, existing: string[] = []) =>
  testPlace(path, languageId, existing);

describe('testPlace', () => {
  it.each([
    ['src/queue.ts', 'typescript', 'src/queue.test.ts', 'node:test'],
    ['web/App.tsx', 'typescriptreact', 'web/App.test.tsx', 'node:test'],
    ['lib/queue.mjs', 'javascript', 'lib/queue.test.mjs', 'node:test'],
    ['src/shop/cart.py', 'python', 'tests/test_cart.py', 'pytest'],
    ['pkg/cart/cart.go', 'go', 'pkg/cart/cart_test.go', 'testing'],
    ['src/cart.rs', 'rust', 'tests/cart_test.rs', '#[test]'],
    ['src/main/java/shop/Cart.java', 'java', 'src/test/java/shop/CartTest.java', 'JUnit'],
    ['src/ring.c', 'c', 'tests/ring_test.c', 'GoogleTest'],
    ['Shop/Cart.cs', 'csharp', 'Shop/CartTests.cs', 'xUnit'],
    ['src/Cart.php', 'php', 'tests/CartTest.php', 'PHPUnit'],
    ['lib/cart.rb', 'ruby', 'test/cart_test.rb', 'Minitest'],
    ['bin/deploy.sh', 'shellscript', 'test/deploy.bats', 'Bats'],
  ])('puts a first test of %s where its language has them', (path, languageId, expected, framework) => {
    const found = place(path, languageId);
    expect(found?.path).toBe(expected);
    expect(found?.framework).toContain(framework);
    expect(found).toMatchObject({ exists: false, example: undefined });
  });

  it.each(['sql', 'html', 'css', 'markdown'])('knows no tests of %s', (languageId) => {
    expect(place(`a.${languageId}`, languageId)).toBeUndefined();
  });

  it('has no test of a test', () => {
    expect(place('src/queue.test.ts', 'typescript')).toBeUndefined();
    expect(place('pkg/cart_test.go', 'go')).toBeUndefined();
  });

  it('adds to the test that is there', () => {
    const existing = ['test/unit/edit/queue.test.ts', 'src/edit/queue.ts', 'vitest.config.ts'];
    expect(place('src/edit/queue.ts', 'typescript', existing)).toEqual({
      path: 'test/unit/edit/queue.test.ts',
      exists: true,
      framework: 'Vitest',
      example: 'test/unit/edit/queue.test.ts',
    });
  });

  it('mirrors the tree of sources as the other tests do', () => {
    const existing = ['src/chat/history.ts', 'test/unit/chat/history.test.ts', 'jest.config.js'];
    expect(place('src/edit/queue.ts', 'typescript', existing)).toMatchObject({
      path: 'test/unit/edit/queue.test.ts',
      framework: 'Jest',
      example: 'test/unit/chat/history.test.ts',
    });
  });

  it('follows the names of the project', () => {
    expect(
      place('src/a/stack.ts', 'typescript', ['src/b/list.ts', 'src/b/__tests__/list.spec.ts'])?.path,
    ).toBe('src/a/__tests__/stack.spec.ts');
    expect(place('lib/shop/cart.rb', 'ruby', ['lib/shop/item.rb', 'spec/shop/item_spec.rb'])).toMatchObject({
      path: 'spec/shop/cart_spec.rb',
      framework: 'RSpec',
    });
    expect(place('app/models/cart.py', 'python', ['app/models/tests/test_item.py'])?.path).toBe(
      'app/models/tests/test_cart.py',
    );
  });

  it('takes the nearest test as the example', () => {
    const existing = ['src/a/one.test.ts', 'src/b/two.test.ts', 'src/b/c/three.test.ts'];
    expect(place('src/b/c/queue.ts', 'typescript', existing)?.example).toBe('src/b/c/three.test.ts');
  });

  it('reads paths of Windows', () => {
    expect(place('src\\queue.ts', 'typescript', ['src\\stack.test.ts'])?.path).toBe('src/queue.test.ts');
  });
});
