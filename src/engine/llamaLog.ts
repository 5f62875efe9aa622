import type { LoadedBuffer } from '../protocol/engine';
import type { LogLevel } from './log';

const mib = 1024 * 1024;
const keptProblems = 20;

/** By when lines about a failure are there, ms: they come from another thread. */
export const lateMs = 20;

/** "load_tensors:  Vulkan0 model buffer size =  0.50 MiB": llama.cpp's word for what it holds where. */
const bufferLine = /^\S+:\s+(\S+)\s+(model|KV|RS|compute|output) buffer size\s+=\s+([\d.]+) MiB/;

/** Buffers of the host, one for weights in the layout of Intel's AMX among them; any other name is a device's. */
const hostBuffer = /^CPU|_Host$|^BLAS|^AMX$/;

/** Lines at info level that are worth keeping in the log. */
const telling = /buffer size|offload|using device|n_ctx|Flash Attention|devices found|reserve took/;

/** Error lines that name a cause, before those that only say that something failed. */
const naming =
  /error loading model|failed to allocate|unable to allocate|out of memory|requires|not supported/i;

export interface HeldBytes {
  ramBytes: number;
  vramBytes: number;
}

/** What llama.cpp writes: goes to the log, and is the only place that says what it holds and why it failed. */
export class LlamaLog {
  private recent: string[] = [];
  private modelBuffers: LoadedBuffer[] = [];
  private contextBuffers: LoadedBuffer[] = [];
  /** By name. Reserved again and again: the last size counts. */
  private computeBuffers = new Map<string, LoadedBuffer>();
  private flash: boolean | undefined;

  constructor(private readonly write: (level: LogLevel, line: string) => void) {}

  /** Takes what the library logs; a message may have several lines. */
  record(level: string, message: string): void {
    for (const line of message.split('\n')) {
      const text = line.trim();
      if (text === '' || /^\.+$/.test(text)) continue;
      if (level === 'error' || level === 'fatal') this.problem('error', text);
      else if (level === 'warn') this.problem('warn', text);
      else this.read(text);
    }
  }

  /** A line about something that went wrong, from the library itself or from llama.cpp. */
  problem(level: 'error' | 'warn', line: string): void {
    this.recent.push(line);
    if (this.recent.length > keptProblems) this.recent.shift();
    this.write(level, line);
  }

  /** Forgets the problems so far: `lastProblem` is to speak of what happens next. */
  forgetProblems(): void {
    this.recent = [];
  }

  /** The last lines about something that went wrong, the oldest first. */
  get problems(): readonly string[] {
    return this.recent;
  }

  /** The last line that names a cause, else the last one at all. */
  get lastProblem(): string | undefined {
    return this.recent.findLast((line) => naming.test(line)) ?? this.recent.at(-1);
  }

  /** True once the context's buffers are known: lines come a little after what they speak of. */
  get isComplete(): boolean {
    return this.computeBuffers.size > 0;
  }

  /** Whether the context uses flash attention; undefined where llama.cpp did not say. */
  get flashAttention(): boolean | undefined {
    return this.flash;
  }

  /** Bytes of the weights; undefined where llama.cpp did not say: while the library simulates, it says nothing. */
  get modelBytes(): HeldBytes | undefined {
    return sum(this.modelBuffers);
  }

  /** Bytes of KV cache, compute and output buffers. */
  get contextBytes(): HeldBytes | undefined {
    return this.isComplete ? sum([...this.contextBuffers, ...this.computeBuffers.values()]) : undefined;
  }

  /** Every buffer of model and context; empty where llama.cpp did not say all. */
  get buffers(): LoadedBuffer[] {
    if (this.modelBuffers.length === 0 || !this.isComplete) return [];
    return [...this.modelBuffers, ...this.contextBuffers, ...this.computeBuffers.values()];
  }

  forgetModel(): void {
    this.modelBuffers = [];
    this.forgetContext();
  }

  private forgetContext(): void {
    this.contextBuffers = [];
    this.computeBuffers.clear();
    this.flash = undefined;
  }

  private read(line: string): void {
    if (line.startsWith('llama_model_loader: loaded meta data')) this.forgetModel();
    if (line.startsWith('llama_context: constructing')) this.forgetContext();
    const flash = /Flash Attention (enabled|disabled|not supported)/i.exec(line);
    if (flash !== null) this.flash = flash[1] === 'enabled';
    const [, name, kind, size] = bufferLine.exec(line) ?? [];
    if (name !== undefined) {
      const bytes = Math.round(Number(size) * mib);
      this.readBuffer({ name, kind: kind as LoadedBuffer['kind'], bytes, onGpu: !hostBuffer.test(name) });
    }
    if (telling.test(line)) this.write('info', line);
  }

  private readBuffer(buffer: LoadedBuffer): void {
    if (buffer.kind === 'model') this.modelBuffers.push(buffer);
    else if (buffer.kind === 'compute') this.computeBuffers.set(buffer.name, buffer);
    else this.contextBuffers.push(buffer);
  }
}

function sum(buffers: LoadedBuffer[]): HeldBytes | undefined {
  if (buffers.length === 0) return undefined;
  const held = { ramBytes: 0, vramBytes: 0 };
  for (const { bytes, onGpu } of buffers) {
    if (onGpu) held.vramBytes += bytes;
    else held.ramBytes += bytes;
  }
  return held;
}
