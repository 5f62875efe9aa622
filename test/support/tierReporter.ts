import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, TestSuite } from 'vitest/node';
import { noReason, type TierResult } from './tierResult';

/** Writes a tier's counts to a file. A file or a hook that fails outside of any test counts as one failed test. */
export class TierReporter implements Reporter {
  constructor(private readonly file: string) {}

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const result: TierResult = { passed: 0, failed: unhandled.length, skipped: 0, skips: [] };
    for (const module of modules) countModule(module, result);
    mkdirSync(path.dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify(result, undefined, 2)}\n`);
  }
}

function countModule(module: TestModule, result: TierResult): void {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  result.failed += suites.filter((suite) => suite.errors().length > 0).length;
  for (const test of module.children.allTests()) {
    const outcome = test.result();
    if (outcome.state === 'passed') result.passed++;
    else if (outcome.state === 'failed') result.failed++;
    else {
      result.skipped++;
      const reason = outcome.state === 'skipped' ? outcome.note : undefined;
      result.skips.push({ title: test.fullName, reason: reason ?? noReason });
    }
  }
}
