import { describe, expect, it } from 'vitest';
import { LlamaLog } from '../../../src/engine/llamaLog';

const mib = 1024 * 1024;

function logOf(...lines: string[]): { log: LlamaLog; written: string[] } {
  const written: string[] = [];
  const log = new LlamaLog((level, line) => written.push(`${level} ${line}`));
  for (const line of lines) log.record('info', line);
  return { log, written };
}

const load = [
  'llama_model_loader: loaded meta data with 24 key-value pairs and 21 tensors from x.gguf (version GGUF V3 (latest))',
  'load_tensors:   CPU_Mapped model buffer size =   100.50 MiB',
  'load_tensors:   CPU_REPACK model buffer size =    20.00 MiB',
  'load_tensors:      Vulkan0 model buffer size =    50.00 MiB',
];
const context = [
  'llama_context: constructing llama_context',
  'llama_kv_cache:        CPU KV buffer size =     4.00 MiB',
  'llama_kv_cache:    Vulkan0 KV buffer size =     8.00 MiB',
  'resolve_fused_ops: Flash Attention enabled',
  'sched_reserve:    Vulkan0 compute buffer size =     9.00 MiB',
  'sched_reserve: Vulkan_Host compute buffer size =     5.00 MiB',
];

describe('LlamaLog', () => {
  it('adds up what llama.cpp holds, by host and device', () => {
    const { log } = logOf(...load, ...context);
    expect(log.modelBytes).toEqual({ ramBytes: 120.5 * mib, vramBytes: 50 * mib });
    expect(log.contextBytes).toEqual({ ramBytes: 9 * mib, vramBytes: 17 * mib });
    expect(log.flashAttention).toBe(true);
  });

  it('lists the buffers, with what they hold and where', () => {
    const { log } = logOf(...load, ...context, ...context.slice(-1));
    expect(log.buffers.map(({ name, kind, bytes, onGpu }) => [name, kind, bytes / mib, onGpu])).toEqual([
      ['CPU_Mapped', 'model', 100.5, false],
      ['CPU_REPACK', 'model', 20, false],
      ['Vulkan0', 'model', 50, true],
      ['CPU', 'KV', 4, false],
      ['Vulkan0', 'KV', 8, true],
      ['Vulkan0', 'compute', 9, true],
      ['Vulkan_Host', 'compute', 5, false],
    ]);
    expect(logOf(...load).log.buffers).toEqual([]);
  });

  it('takes weights in the layout of a processor’s matrix unit for the host’s', () => {
    const { log } = logOf(...load, 'load_tensors:          AMX model buffer size =    10.00 MiB');
    expect(log.modelBytes).toEqual({ ramBytes: 130.5 * mib, vramBytes: 50 * mib });
  });

  it('knows nothing of a context until all of it is reserved', () => {
    const { log } = logOf(...load, ...context.slice(0, 3));
    expect(log.contextBytes).toBeUndefined();
    expect(log.flashAttention).toBeUndefined();
  });

  it('counts a buffer that is reserved again once, and a second context not on top of the first', () => {
    const { log } = logOf(...load, ...context, ...context, ...context.slice(-2));
    expect(log.contextBytes).toEqual({ ramBytes: 9 * mib, vramBytes: 17 * mib });
  });

  it('names the line with the cause, not the last one', () => {
    const { log, written } = logOf();
    log.record('error', "llama_model_load: error loading model: unknown model architecture: 'abacus'");
    log.record('error', 'llama_model_load_from_file_impl: failed to load model');
    expect(log.lastProblem).toContain('abacus');
    expect(written).toHaveLength(2);
    log.forgetProblems();
    expect(log.lastProblem).toBeUndefined();
  });

  it('keeps metadata and progress dots out of the log', () => {
    const { written } = logOf(
      '.',
      '....',
      'llama_model_loader: - kv   3: tokenizer.chat_template str = secret',
    );
    expect(written).toEqual([]);
  });
});
