import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs git as somebody who has a name. */
export async function gitIn(folder: string, ...args: string[]): Promise<string> {
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  const { stdout } = await run('git', [...author, ...args], { cwd: folder });
  return stdout;
}

/** Whether git is installed. */
export async function hasGit(): Promise<boolean> {
  return run('git', ['--version']).then(
    () => true,
    () => false,
  );
}

/** Makes a folder a repository with one commit of what is in it, and stages files on top. */
export async function makeRepository(folder: string, staged: Record<string, string> = {}): Promise<void> {
  await gitIn(folder, 'init', '--quiet');
  await gitIn(folder, 'add', '--all');
  await gitIn(folder, 'commit', '--quiet', '--allow-empty', '--message', 'Begin the sample');
  for (const [name, content] of Object.entries(staged)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  if (Object.keys(staged).length > 0) await gitIn(folder, 'add', '--', ...Object.keys(staged));
}
