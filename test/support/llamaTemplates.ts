import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why no templates can be had, for a skip; undefined where they can. */
export function whyNoTemplates(): string | undefined {
  try {
    execFileSync('git', ['--version']);
    return undefined;
  } catch {
    return 'there is no git to read the source of llama.cpp with';
  }
}

/**
 * Chat templates of many families, out of the source of llama.cpp that the library carries, by their names there; none
 * where there is no git.
 * @param root of the repository
 */
export function llamaTemplates(root = process.cwd()): ReadonlyMap<string, string> {
  if (whyNoTemplates() !== undefined) return new Map();
  const folder = mkdtempSync(join(tmpdir(), 'layercake-templates-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
  try {
    const bundle = join(root, 'node_modules/node-llama-cpp/llama/gitRelease.bundle');
    execFileSync('git', ['clone', '--quiet', '--bare', bundle, folder], { stdio: 'ignore' });
    const files = git('ls-tree', '--name-only', 'HEAD', 'models/templates/').split('\n');
    return new Map(
      files
        .filter((file) => file.endsWith('.jinja'))
        .map((file) => [file.replace(/^.*\/|\.jinja$/g, ''), git('show', `HEAD:${file}`)]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
