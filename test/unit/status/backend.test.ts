import { describe, expect, it } from 'vitest';
import { describeElectron, describeFallback } from '../../../src/status/backend';
import { translate } from '../models/translate';

describe('what is said of a runtime or backend that is second best', () => {
  it('names the limit of Electron and the way out', () => {
    const text = describeElectron(2 ** 30, translate);
    expect(text).toContain('1.0 GiB');
    expect(text).toContain('layercake.engine.nodePath');
  });

  it('names the backend that was wanted, the one in use and the reason', () => {
    const text = describeFallback(
      { wanted: 'cuda', cause: 'unavailable', detail: 'no driver' },
      'vulkan',
      translate,
    );
    expect(text).toMatch(/CUDA.*Vulkan.*no driver/);
  });
});
