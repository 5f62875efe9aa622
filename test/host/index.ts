import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { format } from 'node:util';
import { skipReason } from '../support/hostSkip';
import { noReason, type TierResult } from '../support/tierResult';

/**
 * Runs every suite beside this file inside the editor's extension host; the editor calls it. Resolves where all
 * passed. The counts go to the file named by LAYERCAKE_RESULTS: a host that dies leaves none.
 */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  // The runner shows only lines that begin so: an editor in a browser prints much of its own.
  Mocha.reporters.Base.consoleLog = (...lines: unknown[]) => {
    for (const line of format(...lines).split('\n')) console.log(`[suite] ${line}`);
  };
  const mocha = new Mocha({ ui: 'bdd', color: false, forbidOnly: true, reporter: 'spec', timeout: 30_000 });
  // Loaded by `require`, in which the editor puts its own `vscode`; mocha would import them.
  const load = createRequire(__filename);
  for (const file of suites()) {
    mocha.suite.emit('pre-require', globalThis, file, mocha);
    mocha.suite.emit('require', load(file), file, mocha);
    mocha.suite.emit('post-require', globalThis, file, mocha);
  }
  const result = await finish(mocha);
  const file = process.env['LAYERCAKE_RESULTS'];
  if (file !== undefined) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  }
  if (result.failed > 0) throw new Error(`${result.failed} failed`);
}

/** All suites, or those whose path contains one of the comma-separated words in LAYERCAKE_SUITES. */
function suites(): string[] {
  const words = process.env['LAYERCAKE_SUITES']?.split(',') ?? [''];
  return readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js') && words.some((word) => file.includes(word)))
    .sort()
    .map((file) => path.join(__dirname, file));
}

function finish(mocha: Mocha): Promise<TierResult> {
  const result: TierResult = { passed: 0, failed: 0, skipped: 0, skips: [] };
  return new Promise((resolve) => {
    mocha
      .run(() => resolve(result))
      .on('pass', () => result.passed++)
      .on('fail', () => result.failed++)
      .on('pending', (test) => {
        result.skipped++;
        result.skips.push({ title: test.fullTitle(), reason: skipReason(test) ?? noReason });
      });
  });
}
