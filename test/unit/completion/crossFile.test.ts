import { describe, expect, it } from 'vitest';
import { crossFileParts, type OtherFile } from '../../../src/completion/crossFile';
import { RecentEdits } from '../../../src/completion/recentEdits';

const file = (path: string, text: string, edited: number[] = []): OtherFile => {
  return { uri: `file:///${path}`, path, text, edited };
};
const near = 'const invoice = createInvoice(customer);\nsendInvoice(invoice, customer);\n';
const invoices = 'export function createInvoice(customer: Customer): Invoice {\n  return { customer };\n}\n';
const other = 'export const colours = ["red", "green", "blue"];\n';

describe('crossFileParts', () => {
  it('takes what has words in common, the most like it last', () => {
    const customers = 'export interface Customer { name: string; invoice: string }\n';
    const files = [file('invoices.ts', invoices), file('colours.ts', other), file('customers.ts', customers)];
    expect(crossFileParts(near, files, 10_000).map(({ path }) => path)).toEqual([
      'customers.ts',
      'invoices.ts',
    ]);
  });

  it('takes only the pieces that matter of a long file, within its limit', () => {
    const long = `${other.repeat(60)}${invoices}`;
    const parts = crossFileParts(near, [file('long.ts', long)], 2_000);
    expect(parts).toHaveLength(1);
    expect(parts[0]?.text).toContain('createInvoice');
    expect(parts[0]?.text.length).toBeLessThan(2_000);
    expect(crossFileParts(near, [file('long.ts', long)], 10)).toEqual([]);
  });

  it('prefers what was edited lately', () => {
    const files = [file('old.ts', invoices), file('new.ts', invoices, [1])];
    expect(crossFileParts(near, files, 10_000).at(-1)?.path).toBe('new.ts');
  });

  it('takes nothing where there is nothing to compare', () => {
    expect(crossFileParts('\n', [file('invoices.ts', invoices)], 10_000)).toEqual([]);
  });
});

describe('RecentEdits', () => {
  it('knows places, the latest first, near ones once', () => {
    const edits = new RecentEdits();
    edits.note('a', 10);
    edits.note('b', 1);
    edits.note('a', 12);
    edits.note('a', 40);
    expect(edits.of('a')).toEqual([40, 12]);
    expect(edits.documents).toEqual(['a', 'b']);
    expect(edits.of('c')).toEqual([]);
  });

  it('forgets what was edited long ago', () => {
    const edits = new RecentEdits();
    for (let document = 0; document < 40; document++) edits.note(String(document), 0);
    for (let line = 0; line < 200; line += 10) edits.note('last', line);
    expect(edits.documents).toHaveLength(30);
    expect(edits.of('last')).toHaveLength(8);
  });
});
