import { describe, expect, it } from 'vitest';
import { engineEnvironment } from '../../../src/engineClient/environment';

const linux = { token: 't0ken', electron: false, platform: 'linux' } as const;

describe('the engine environment', () => {
  it('lets through what the engine and its GPU drivers need', () => {
    const source = {
      PATH: '/usr/bin',
      HOME: '/home/ada',
      LC_ALL: 'C.UTF-8',
      LD_LIBRARY_PATH: '/opt/cuda/lib64',
      CUDA_VISIBLE_DEVICES: '1',
      GGML_VK_VISIBLE_DEVICES: '0',
      GGML_OP_OFFLOAD_MIN_BATCH: '1000000',
      VK_ICD_FILENAMES: '/etc/vk.json',
      XDG_CACHE_HOME: '/home/ada/.cache',
      TMPDIR: '/tmp/ada',
      FLATPAK_ID: 'com.example.Editor',
    };
    expect(engineEnvironment(source, linux)).toMatchObject(source);
  });

  it('keeps secrets, debugger options and the editor’s own variables out', () => {
    const env = engineEnvironment(
      {
        GITHUB_TOKEN: 'secret',
        AWS_SECRET_ACCESS_KEY: 'secret',
        NODE_OPTIONS: '--inspect',
        NODE_EXTRA_CA_CERTS: '/ca.pem',
        VSCODE_IPC_HOOK: '/run/hook',
        ELECTRON_RUN_AS_NODE: '1',
        LD_PRELOAD: '/evil.so',
      },
      linux,
    );
    expect(Object.keys(env).sort()).toEqual(['GGML_NO_BACKTRACE', 'LAYERCAKE_TOKEN', 'UV_THREADPOOL_SIZE']);
  });

  it('sets its own values over inherited ones', () => {
    const env = engineEnvironment({ GGML_NO_BACKTRACE: '0', UV_THREADPOOL_SIZE: '16' }, linux);
    expect(env).toEqual({ GGML_NO_BACKTRACE: '1', UV_THREADPOOL_SIZE: '1', LAYERCAKE_TOKEN: 't0ken' });
  });

  it('has Electron behave as Node', () => {
    expect(engineEnvironment({}, { ...linux, electron: true })['ELECTRON_RUN_AS_NODE']).toBe('1');
    expect(engineEnvironment({}, linux)['ELECTRON_RUN_AS_NODE']).toBeUndefined();
  });

  it('compares names without case on Windows only', () => {
    const source = { Path: 'C:\\Windows', SystemRoot: 'C:\\Windows' };
    expect(engineEnvironment(source, { ...linux, platform: 'win32' })).toMatchObject(source);
    expect(engineEnvironment(source, linux)).not.toHaveProperty('Path');
  });
});
