import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';

/** The package that carries llama.cpp's server, prebuilt for the CPU. */
const peerPackage = 'xllamacpp==2026.10.11549';
const environment = path.resolve('.cache/bench-peer');

/** Installs the peer into an environment of its own; undefined where that is not possible, with the reason printed. */
export function installLlamaServer(): string | undefined {
  const python = path.join(environment, 'bin', 'python');
  const has = () => existsSync(python) && spawnSync(python, ['-c', 'import xllamacpp']).status === 0;
  if (has()) return python;
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', environment]],
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', peerPackage]],
  ];
  for (const [command, args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) {
      console.error(
        `No llama.cpp server to compare with (${peerPackage}): ${(stderr || 'python3 is missing').trim()}`,
      );
      return undefined;
    }
  }
  return has() ? python : undefined;
}

export interface LlamaServer {
  /** Decode rate of one answer as the server itself measures it, tok/s. */
  decode(prompt: string, tokens: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startLlamaServer(
  python: string,
  model: string,
  context: number,
  threads: number,
): Promise<LlamaServer> {
  const child = spawn(
    python,
    [path.resolve('bench/llama_server.py'), model, String(context), String(threads)],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      const match = /https?:\/\/\S+/.exec(data.toString());
      if (match) resolve(match[0]);
    });
    child.once('exit', (code) => reject(new Error(`The llama.cpp server ended with ${String(code)}.`)));
  });
  return {
    async decode(prompt, tokens) {
      const response = await fetch(`${address}/completion`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          prompt,
          n_predict: tokens,
          temperature: 0,
          ignore_eos: true,
          cache_prompt: false,
        }),
      });
      const { timings } = (await response.json()) as { timings: { predicted_per_second: number } };
      return timings.predicted_per_second;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      child.kill('SIGTERM');
      await ended;
    },
  };
}
