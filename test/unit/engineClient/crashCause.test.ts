import { describe, expect, it } from 'vitest';
import { describeExit } from '../../../src/engineClient/crashCause';

const exited = (code: number) => ({ code, signal: null });

describe('the cause of a crash', () => {
  it('is the signal where nothing was said', () => {
    expect(describeExit({ code: null, signal: 'SIGKILL' }, [])).toBe('SIGKILL');
  });

  it('is never what the engine told of its ordinary work', () => {
    const lines = ['[info] chat: prompt 335, reused 323, output 390'];
    expect(describeExit({ code: null, signal: 'SIGKILL' }, lines)).toBe('SIGKILL');
  });

  it('prefers an assertion to what is printed after it', () => {
    const lines = [
      'load_tensors: loading model tensors',
      '/src/ggml.c:42: GGML_ASSERT(n > 0) failed',
      'error: something else failed',
      '',
    ];
    expect(describeExit({ code: null, signal: 'SIGABRT' }, lines)).toBe(
      'SIGABRT: /src/ggml.c:42: GGML_ASSERT(n > 0) failed',
    );
  });

  it.each([
    ['CUDA error: out of memory'],
    ['ggml_vulkan: Device memory allocation of size 1 failed: ErrorOutOfDeviceMemory'],
    ['ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 1'],
    ["terminate called after throwing an instance of 'std::bad_alloc'"],
  ])('finds %j', (line) => {
    expect(describeExit(exited(134), ['error: first', line, 'some more output'])).toBe(
      `exit code 134: ${line}`,
    );
  });

  it('names the error of a program that could not start, without its stack', () => {
    const lines = [
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'",
      '    at moduleResolve (node:internal:1:1)',
      '',
      'Node.js v22.0.0',
    ];
    expect(describeExit(exited(1), lines)).toBe(
      "exit code 1: Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'",
    );
  });

  it('falls back to the last line', () => {
    expect(describeExit(exited(3), ['one', 'two'])).toBe('exit code 3: two');
  });

  it('shows Windows’ crash codes as they are known', () => {
    expect(describeExit(exited(3221225477), [])).toBe('exit code 0xC0000005');
    expect(describeExit(exited(-1073741819), [])).toBe('exit code 0xC0000005');
  });

  it('cuts very long lines', () => {
    expect(describeExit(exited(1), ['x'.repeat(5000)]).length).toBeLessThan(400);
  });
});
