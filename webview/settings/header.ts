import type { EngineView, ModelFileView } from '../../src/protocol/webview';
import { button } from '../components';
import { element, quietButton, setText } from '../dom';
import { bytesText, type SettingsKey, type Ui } from './ui';

/** Which model this is, what the plan makes of it, and what is loaded now. */
export class Header {
  readonly element: HTMLElement;
  readonly #title = element('bdi');
  readonly #tag = element('span', { class: 'tag' });
  readonly #meta = element('p', { class: 'muted number meta' });
  readonly #state = element('p', {
    class: 'state muted number',
    attributes: { role: 'status', dir: 'auto' },
  });
  readonly #test: HTMLElement;

  constructor(
    private readonly ui: Ui,
    summary: HTMLElement,
  ) {
    const { l10n, post } = ui;
    this.#test = button({ onClick: () => post({ kind: 'testEngine' }) }, l10n.t('head.test'));
    this.element = element(
      'header',
      {},
      element(
        'div',
        { class: 'title-line' },
        element('h1', {}, this.#title, this.#tag),
        element(
          'div',
          { class: 'links' },
          quietButton({ onClick: () => post({ kind: 'openSettingsJson' }) }, l10n.t('head.settingsJson')),
          quietButton({ onClick: () => post({ kind: 'showLog' }) }, l10n.t('head.log')),
        ),
      ),
      this.#meta,
      summary,
      this.#state,
      this.#test,
    );
  }

  /** `told`: the failure stands elsewhere on the page already. */
  update(file: ModelFileView | undefined, path: string, engine: EngineView, told: boolean): void {
    const { l10n } = this.ui;
    setText(this.#title, file?.name ?? (path === '' ? l10n.t('head.none') : (baseName(path) ?? path)));
    this.#tag.hidden = !file || file.quant === '' || file.quant === 'unknown';
    setText(this.#tag, file?.quant ?? '');
    this.#test.hidden = path !== '';
    setText(this.#meta, this.#metaText(file, path));
    this.#state.hidden = path === '' && engine.state.kind === 'stopped';
    this.#state.classList.toggle('failed', engine.state.kind === 'failed');
    setText(this.#state, this.#stateText(path, engine, told));
  }

  #metaText(file: ModelFileView | undefined, path: string): string {
    const { l10n } = this.ui;
    if (!file) return path === '' ? l10n.t('head.noneText') : '';
    return l10n.t('head.meta', {
      size: bytesText(l10n, file.sizeBytes),
      layers: file.totalLayers,
      context: file.trainContextSize,
      architecture: file.architecture,
    });
  }

  #stateText(path: string, { state, model, failure }: EngineView, told: boolean): string {
    const { l10n } = this.ui;
    if (model && model.path !== path) return l10n.t('state.other', { name: `${model.name} ${model.quant}` });
    const sentences = [l10n.t(stateKey(state.kind), percentOf(state))];
    if (state.kind === 'failed') sentences.push(told ? '' : (failure ?? state.error.detail));
    else if (model) {
      sentences.push(
        l10n.t(splitKey(model), { gpu: model.gpuLayers, total: model.totalLayers }),
        this.#memoryText(model.memory),
      );
    }
    return sentences.join(' ').trim();
  }

  #memoryText({ vramBytes, ramBytes }: { vramBytes: number; ramBytes: number }): string {
    const { l10n } = this.ui;
    const ram = bytesText(l10n, ramBytes);
    return vramBytes > 0
      ? l10n.t('state.memory', { vram: bytesText(l10n, vramBytes), ram })
      : l10n.t('state.memoryRam', { ram });
  }
}

function stateKey(kind: EngineView['state']['kind']): SettingsKey {
  return kind === 'prefilling' ? 'state.reading' : `state.${kind}`;
}

function percentOf(state: EngineView['state']): Record<string, number> {
  return state.kind === 'loading' ? { percent: Math.floor(state.progress * 100) } : {};
}

function splitKey({ gpuLayers, totalLayers }: { gpuLayers: number; totalLayers: number }): SettingsKey {
  if (gpuLayers === 0) return 'state.allCpu';
  return gpuLayers >= totalLayers ? 'state.allGpu' : 'state.split';
}

function baseName(path: string): string | undefined {
  return path.split(/[\\/]/).at(-1);
}
