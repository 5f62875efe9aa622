import type { System } from '../../../src/hardware/system';

/** A system made of files and of programs' outputs; what is not named does not exist. Counts the runs. */
export class FakeSystem implements System {
  readonly runs: string[] = [];

  constructor(
    readonly files: Record<string, string>,
    readonly programs: Record<string, string> = {},
    readonly platform: NodeJS.Platform = 'linux',
  ) {}

  run(file: string): Promise<string> {
    this.runs.push(file);
    const output = this.programs[file];
    return output === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(output);
  }

  readText(path: string): Promise<string | undefined> {
    return Promise.resolve(this.files[path]);
  }

  list(folder: string): Promise<string[]> {
    const names = Object.keys(this.files)
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
    return Promise.resolve([...new Set(names)]);
  }
}
