import { describe, expect, it } from 'vitest';
import { mayHaveGpu } from '../../../src/engine/gpuFiles';

const bare = ['null', 'zero', 'tty0', 'shm', 'kvm'];
const linux = { env: {}, platform: 'linux' } as const;

describe('whether there may be a GPU', () => {
  it('is certain not to be on Linux without a device file of one', () => {
    expect(mayHaveGpu(linux, () => bare)).toBe(false);
  });

  it.each(['dri', 'nvidia0', 'nvidiactl', 'kfd', 'dxg', 'nvhost-gpu', 'mali0', 'kgsl-3d0'])(
    'is so with /dev/%s',
    (name) => {
      expect(mayHaveGpu(linux, () => [...bare, name])).toBe(true);
    },
  );

  it('is so where a device was named, elsewhere than on Linux, and where it cannot be told', () => {
    expect(mayHaveGpu({ ...linux, env: { GGML_VK_VISIBLE_DEVICES: '0' } }, () => bare)).toBe(true);
    expect(mayHaveGpu({ env: {}, platform: 'win32' }, () => bare)).toBe(true);
    expect(mayHaveGpu({ env: {}, platform: 'darwin' }, () => bare)).toBe(true);
    expect(
      mayHaveGpu(linux, () => {
        throw new Error('EACCES');
      }),
    ).toBe(true);
  });
});
