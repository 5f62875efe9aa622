import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { allowedEnvironment } from './environment';

/** What an executable says of itself. */
export interface ProbedRuntime {
  /** The real executable, where the path given is a version manager's shim. */
  execPath: string;
  /** Version of Node.js, without "v". */
  node: string;
  /** Set where it is Electron. */
  electron: string | undefined;
  arch: string;
}

/** Asks an executable. Rejects with a plain reason where it gives no answer. */
export type Probe = (path: string) => Promise<ProbedRuntime>;

const limitMs = 5_000;
const script =
  'JSON.stringify({execPath:process.execPath,node:process.versions.node,electron:process.versions.electron,arch:process.arch})';

/** Runs the executable once, as a process to throw away. */
export const probeRuntime: Probe = (path) =>
  new Promise((resolve, reject) => {
    const env = { ...allowedEnvironment(process.env, process.platform), ELECTRON_RUN_AS_NODE: '1' };
    const options = { timeout: limitMs, killSignal: 'SIGKILL', env, windowsHide: true } as const;
    execFile(path, ['-p', script], options, (error, stdout) => {
      if (error?.killed === true) {
        reject(new Error(`no answer within ${limitMs / 1000} s`));
        return;
      }
      const answer = parseAnswer(stdout);
      if (answer !== undefined) resolve(answer);
      else reject(new Error(error === null ? 'it is not Node.js' : firstLine(error.message)));
    });
  });

/** Probes each executable once, as long as its file stays the same. */
export class CachedProbe {
  private readonly answers = new Map<string, Promise<ProbedRuntime>>();

  constructor(private readonly probe: Probe) {}

  readonly run: Probe = async (path) => {
    const key = `${path}:${(await stat(path)).mtimeMs}`;
    let answer = this.answers.get(key);
    if (answer === undefined) {
      answer = this.probe(path);
      this.answers.set(key, answer);
      // A busy machine may have been the reason: asked again the next time.
      answer.catch(() => this.answers.delete(key));
    }
    return await answer;
  };
}

function parseAnswer(stdout: string): ProbedRuntime | undefined {
  let data: unknown;
  try {
    data = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
  if (typeof data !== 'object' || data === null) return undefined;
  const { execPath, node, electron, arch } = data as Record<string, unknown>;
  if (typeof execPath !== 'string' || typeof node !== 'string' || typeof arch !== 'string') return undefined;
  return { execPath, node, electron: typeof electron === 'string' ? electron : undefined, arch };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
