import { Emitter } from 'vscode-jsonrpc';
import { describe, expect, it } from 'vitest';
import { UnaskedWatch } from '../../../src/doctor/unasked';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import type { EngineState } from '../../../src/protocol/engine';
import { FakeSystem } from '../hardware/fakeSystem';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';
import { info } from './samples';

const settle = () => new Promise((resolve) => setImmediate(resolve));

class Fixture {
  readonly files: Record<string, string> = { '/proc/vmstat': 'pswpin 0\npswpout 0\n' };
  readonly said: string[] = [];
  readonly changed = new Emitter<EngineSnapshot>();
  model = loadedModel();
  examining = false;
  now = 0;
  readonly watch = new UnaskedWatch({
    engine: { snapshot: this.of({ kind: 'ready' }), onDidChange: this.changed.event },
    system: new FakeSystem(this.files, { getconf: '4096' }),
    now: () => this.now,
    offer: (message) => this.said.push(message),
    examining: () => this.examining,
    t: translate,
  });

  of(state: EngineState): EngineSnapshot {
    return { state, info, model: this.model, runtime: undefined };
  }

  async answer(rate: number, tokens: number): Promise<void> {
    this.changed.fire(this.of({ kind: 'generating', rate, tokens }));
    await settle();
    this.now += 6000;
  }

  async swap(mebibytes: number): Promise<void> {
    const pages = mebibytes * 256;
    await this.answer(2, 1);
    this.files['/proc/vmstat'] = `pswpin ${pages}\npswpout 0\n`;
    await this.answer(2, 2);
    await settle();
  }
}

describe('unasked', () => {
  it('says once for a model that its answers are hopelessly slow', async () => {
    const fixture = new Fixture();
    await fixture.answer(0.31, 4);
    expect(fixture.said).toEqual([]);
    await fixture.answer(0.31, 5);
    await fixture.answer(0.31, 6);
    const sentence = 'Llama 3 70B Instruct writes 0.31 tokens a second. Doctor can tell what slows it down.';
    expect(fixture.said).toEqual([sentence]);
    fixture.model = loadedModel({ path: '/models/other.gguf', name: 'Other' });
    await fixture.answer(0.2, 5);
    expect(fixture.said).toHaveLength(2);
  });

  it('is silent about answers of half a token a second and more', async () => {
    const fixture = new Fixture();
    await fixture.answer(0.5, 5);
    await fixture.answer(0, 5);
    expect(fixture.said).toEqual([]);
  });

  it('says once that the machine swaps meanwhile', async () => {
    const fixture = new Fixture();
    await fixture.swap(65);
    await fixture.answer(0.1, 40);
    expect(fixture.said).toEqual([
      'The machine is swapping while Llama 3 70B Instruct answers. Doctor can tell what would help.',
    ]);
  });

  it('is silent about a little swapping, about none told, and about swapping between answers', async () => {
    const fixture = new Fixture();
    await fixture.swap(63);
    fixture.changed.fire(fixture.of({ kind: 'ready' }));
    fixture.files['/proc/vmstat'] = 'pswpin 9999999\npswpout 0\n';
    await fixture.answer(2, 1);
    await fixture.answer(2, 2);
    fixture.files['/proc/vmstat'] = '';
    await fixture.answer(2, 3);
    expect(fixture.said).toEqual([]);
  });

  it('is silent while Doctor itself asks, and once it is disposed', async () => {
    const fixture = new Fixture();
    fixture.examining = true;
    await fixture.answer(0.1, 9);
    fixture.examining = false;
    fixture.watch.dispose();
    await fixture.answer(0.1, 9);
    expect(fixture.said).toEqual([]);
  });
});
