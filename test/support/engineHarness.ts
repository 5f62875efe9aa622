import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { EngineClient } from '../../src/engineClient/engineClient';
import { startEngine, type StartEngineOptions } from '../../src/engineClient/startEngine';
import type { Logger } from '../../src/log';
import type {
  BackendChoice,
  ChatProgress,
  ChatRequest,
  ChatResult,
  EngineState,
  LoadedModel,
  LoadOptions,
} from '../../src/protocol/engine';

/** The engine as it is built; the tests' script builds it first. */
export const enginePath = resolve('dist/engine.mjs');

/** One thread: on a busy machine two of them wait for each other most of the time. */
export const testLoadOptions: Omit<LoadOptions, 'modelPath'> = {
  gpuLayers: null,
  contextSize: 2048,
  batchSize: 512,
  threads: 1,
  prefillThreads: 1,
  kvCacheType: 'f16',
  flashAttention: 'auto',
  mmap: true,
  mlock: false,
  sequences: 1,
};

export interface Asked {
  result: ChatResult;
  progress: ChatProgress[];
  /** Streamed pieces put together. */
  streamed: string;
  thought: string;
}

/** A real engine process with a client, and all that it said. */
export class TestEngine {
  readonly states: EngineState[] = [];

  private constructor(
    readonly client: EngineClient,
    /** Lines of the process's stderr. */
    readonly lines: string[],
  ) {
    client.onState((state) => this.states.push(state));
  }

  static async start(
    backend: BackendChoice = 'cpu',
    options: Partial<StartEngineOptions> = {},
  ): Promise<TestEngine> {
    if (!existsSync(enginePath)) throw new Error(`${enginePath} is missing: run "npm run build" first`);
    const lines: string[] = [];
    const client = await startEngine({
      runtimePath: process.execPath,
      enginePath,
      backend,
      logger: collectingLogger(lines),
      startTimeoutMs: 60_000,
      ...options,
    });
    return new TestEngine(client, lines);
  }

  async load(modelPath: string, options: Partial<LoadOptions> = {}): Promise<LoadedModel> {
    return await this.client.load({ ...testLoadOptions, modelPath, ...options });
  }

  /** Answers a history; a text stands for one message of the user. Temperature 0 unless the request says otherwise. */
  async ask(
    messages: string | ChatRequest['messages'],
    request: Partial<ChatRequest> = {},
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: ChatProgress) => void } = {},
  ): Promise<Asked> {
    const progress: ChatProgress[] = [];
    const result = await this.client.chat(
      {
        kind: 'chat',
        messages: typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages,
        sampling: { temperature: 0 },
        thinking: { mode: 'on' },
        ...request,
      },
      (piece) => {
        progress.push(piece);
        onProgress?.(piece);
      },
      signal,
    );
    const joined = (kind: 'text' | 'thought') =>
      progress.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
    return { result, progress, streamed: joined('text'), thought: joined('thought') };
  }

  /**
   * The engine's own account of its last chat. `evaluated` is the library's count of all that it computed:
   * the prompt's new tokens, then each generated token that another one followed.
   */
  get lastReport(): { prompt: number; reused: number; prefilled: number; chunks: number; evaluated: number } {
    const line = this.lines.findLast((text) => text.includes('chat: prompt'));
    const match =
      /prompt (\d+), reused (\d+), prefilled (\d+) in (\d+) chunks .*evaluated (\d+) in all, output/.exec(
        line ?? '',
      );
    if (match === null) throw new Error(`No report of a chat: ${this.lines.slice(-5).join('\n')}`);
    const [prompt = 0, reused = 0, prefilled = 0, chunks = 0, evaluated = 0] = match.slice(1).map(Number);
    return { prompt, reused, prefilled, chunks, evaluated };
  }
}

/** A folder of this test file's own, removed by the returned function. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'layercake-engine-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export function collectingLogger(lines: string[]): Logger {
  const add = (message: string | Error) => {
    lines.push(message instanceof Error ? message.message : message);
  };
  return { trace: add, debug: add, info: add, warn: add, error: add };
}
