import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noCheckpoints } from '../plan/checkpoints';
import type { Calibration } from '../protocol/engine';
import { writeCalibrationModel, type CalibrationModel } from './calibrationModel';
import { RequestCancelled } from './failure';
import type { LlamaLibrary } from './llama';
import type { LlamaSession } from './llamaSession';
import { defaultThreads } from './model';
import { timeDecode, timePrefill } from './stopwatch';

/** 290 MB: larger than the caches of most CPUs. */
const largeShape = { blocks: 8, width: 2048, feedForward: 8192 };
/** 5 MB: tells what a token costs beside its bytes, and whether a device is slow. */
const smallShape = { blocks: 2, width: 512, feedForward: 2048 };

/** A device that takes longer for a token of the small model, seconds, computes in software. */
const slowToken = 0.01;
const prefillTokens = { cpu: 128, gpu: 512, slow: 32 };
/** A batch of 31 tokens ran on the CPU at this share of the rate at 512 (1B, two cores). */
const smallBatchShare = 0.86;
/** What llama.cpp's backends take where GGML_OP_OFFLOAD_MIN_BATCH is not set: exact, so that nothing is measured. */
const defaultOffloadMinBatch = 32;

interface Measured {
  tokenSeconds: number;
  prefillSeconds: number;
}

/**
 * Measures the rates that llama.cpp reaches here, with models of zeros in a temporary folder. Nothing may be loaded.
 * The disk's rate stays 0: these files were just written, and hardly reach it.
 * A driver that compiles its shaders for the first time takes longer than ten seconds.
 * @throws RequestCancelled between two measurements; EngineProblem where not even such a model loads
 */
export async function calibrate(
  library: LlamaLibrary,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Calibration> {
  const start = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'layercake-calibrate-'));
  try {
    const calibration = new CalibrationRun(library, onProgress, signal);
    const large = await writeCalibrationModel(join(folder, 'large.gguf'), largeShape);
    const small = await writeCalibrationModel(join(folder, 'small.gguf'), smallShape);
    const rates = { ...(await calibration.cpu(large)), ...(await calibration.gpu(large, small)) };
    onProgress(1);
    const { offloadMinBatch } = calibration;
    return { ...rates, diskBytesPerSecond: 0, offloadMinBatch, seconds: (performance.now() - start) / 1000 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class CalibrationRun {
  readonly offloadMinBatch = readOffloadMinBatch(process.env);
  private readonly hasGpu: boolean;
  private done = 0;

  constructor(
    private readonly library: LlamaLibrary,
    private readonly onProgress: (fraction: number) => void,
    private readonly signal: AbortSignal,
  ) {
    this.hasGpu = library.backend !== 'cpu';
  }

  async cpu(model: CalibrationModel) {
    // Of larger batches the device would take the work.
    const tokens = this.hasGpu ? Math.min(prefillTokens.cpu, this.offloadMinBatch - 1) : prefillTokens.cpu;
    const { tokenSeconds, prefillSeconds } = await this.measure(model, 0, tokens);
    const share = tokens < prefillTokens.slow ? smallBatchShare : 1;
    return {
      ramBytesPerSecond: model.decodeBytes / tokenSeconds,
      cpuMultiplyAddsPerSecond: (model.prefillMultiplyAdds * tokens) / prefillSeconds / share,
    };
  }

  /** On a slow device everything is measured with the small model, and with few tokens. */
  async gpu(large: CalibrationModel, small: CalibrationModel) {
    if (!this.hasGpu) {
      return { vramBytesPerSecond: 0, copyBytesPerSecond: 0, gpuMultiplyAddsPerSecond: 0 };
    }
    const tokens = Math.max(prefillTokens.slow, this.offloadMinBatch);
    const probed = await this.measure(small, small.blocks + 1, tokens);
    const isSlow = probed.tokenSeconds > slowToken;
    const model = isSlow ? small : large;
    const batch = isSlow ? tokens : Math.max(prefillTokens.gpu, this.offloadMinBatch);
    const whole = isSlow ? probed : await this.measure(large, large.blocks + 1, batch);
    const halfSeconds = await this.withSession(model, model.blocks / 2 + 1, batch, (session) =>
      this.prefill(session, batch),
    );
    const copiedBytes = (model.blockBytes * model.blocks) / 2;
    return {
      vramBytesPerSecond: isSlow
        ? small.decodeBytes / probed.tokenSeconds
        : (large.decodeBytes - small.decodeBytes) / difference(whole.tokenSeconds, probed.tokenSeconds),
      // The same work, and on top of it half of the weights copied.
      copyBytesPerSecond: copiedBytes / difference(halfSeconds, whole.prefillSeconds),
      gpuMultiplyAddsPerSecond: (model.prefillMultiplyAdds * batch) / whole.prefillSeconds,
    };
  }

  private async measure(model: CalibrationModel, gpuLayers: number, tokens: number): Promise<Measured> {
    return await this.withSession(model, gpuLayers, tokens, async (session) => {
      const tokenSeconds = await timeDecode(session, this.signal);
      this.advance();
      return { tokenSeconds, prefillSeconds: await this.prefill(session, tokens) };
    });
  }

  private async prefill(session: LlamaSession, tokens: number): Promise<number> {
    const seconds = await timePrefill(session, tokens, session.isOffloaded ? 2 : 1, this.signal);
    this.advance();
    return seconds;
  }

  private async withSession<T>(
    model: CalibrationModel,
    gpuLayers: number,
    tokens: number,
    job: (session: LlamaSession) => Promise<T>,
  ): Promise<T> {
    const session = await this.load(model, gpuLayers, tokens);
    try {
      return await job(session);
    } finally {
      await session.dispose();
    }
  }

  private async load(model: CalibrationModel, gpuLayers: number, tokens: number): Promise<LlamaSession> {
    if (this.signal.aborted) throw new RequestCancelled();
    const session = await this.library.load({
      modelPath: model.path,
      gpuLayers,
      contextSize: 1024,
      batchSize: tokens,
      threads: defaultThreads(this.library.mathCores),
      prefillThreads: this.library.mathCores,
      kvCacheType: 'f16',
      flashAttention: 'auto',
      mmap: true,
      mlock: false,
      sequences: 1,
      checkpoints: noCheckpoints,
      onProgress: () => undefined,
      signal: this.signal,
    });
    this.advance();
    return session;
  }

  /** Three steps a measurement, of which a GPU takes two or three, and then a shorter one. */
  private advance(): void {
    this.done++;
    this.onProgress(Math.min(0.99, this.done / (this.hasGpu ? 11 : 3)));
  }
}

/** What noise makes nothing of still counts for a twentieth of the longer time. */
function difference(longer: number, shorter: number): number {
  return Math.max(longer - shorter, longer / 20);
}

function readOffloadMinBatch(env: NodeJS.ProcessEnv): number {
  const value = Number(env['GGML_OP_OFFLOAD_MIN_BATCH'] ?? defaultOffloadMinBatch);
  return Number.isInteger(value) && value > 0 ? value : defaultOffloadMinBatch;
}
