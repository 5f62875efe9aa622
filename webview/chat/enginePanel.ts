import type { EngineView, ModelOffers } from '../../src/protocol/webview';
import { button, type ButtonElement } from '../components';
import { element, setText } from '../dom';
import { offerLists } from './offerLists';
import type { ChatKey, Ui } from './ui';

/** What the engine lacks before it can answer, and the way there. Large in an empty conversation, else a strip. */
export class EnginePanel {
  readonly element = element('section', { class: 'engine', attributes: { 'aria-live': 'polite' } });
  readonly #ui: Ui;
  #shown = '';
  #offers: ModelOffers = { here: [], suggested: [] };
  #last: Parameters<EnginePanel['update']> | undefined;
  #fill: HTMLElement | undefined;
  #bar: HTMLElement | undefined;
  #title: HTMLElement | undefined;

  constructor(ui: Ui) {
    this.#ui = ui;
  }

  /** `empty`: there is no message to show. `told`: the last answer shows the failure of the engine. */
  update(engine: EngineView, empty: boolean, told: boolean): void {
    this.#last = [engine, empty, told];
    const face = faceOf(engine);
    this.element.classList.toggle('large', empty);
    this.element.hidden = (face === 'ready' && !empty) || (face === 'failed' && told);
    const { configuredModel, failure, idleEnd } = engine;
    const now = JSON.stringify([face, configuredModel, failure, idleEnd, empty, this.#offers]);
    if (now !== this.#shown) {
      this.#shown = now;
      this.element.replaceChildren(...this.#nodes(face, engine, empty));
    }
    if (engine.state.kind === 'loading') this.#updateProgress(engine.state.progress);
  }

  /** What to begin with where no model is configured. */
  offer(offers: ModelOffers): void {
    this.#offers = offers;
    if (this.#last !== undefined) this.update(...this.#last);
  }

  #nodes(face: Face, engine: EngineView, empty: boolean): Node[] {
    const { l10n } = this.#ui;
    const name = engine.model?.name ?? engine.configuredModel ?? '';
    switch (face) {
      case 'unconfigured':
        return [
          this.#heading('engine.none'),
          ...(empty ? [this.#text('engine.noneText'), ...offerLists(this.#ui, this.#offers)] : []),
          element(
            'div',
            { class: 'stack' },
            this.#get(),
            this.#button('engine.choose', 'chooseModel'),
            this.#button('engine.test', 'testEngine'),
            this.#text('engine.testText', 'muted small'),
          ),
        ];
      case 'stopped':
        return [
          this.#heading('engine.notLoaded'),
          this.#name(name),
          engine.idleEnd === undefined ? document.createTextNode('') : this.#idle(engine.idleEnd),
          element('div', { class: 'row' }, this.#button('engine.load', 'loadModel', 'primary')),
        ];
      case 'starting':
      case 'loading':
        return [this.#heading(`engine.${face}`), this.#name(name), this.#progress(face)];
      case 'failed':
        return [
          this.#heading('engine.failed'),
          element('p', { text: engine.failure ?? '', attributes: { dir: 'auto' } }),
          element(
            'div',
            { class: 'row' },
            engine.configuredModel === undefined
              ? this.#button('engine.choose', 'chooseModel', 'primary')
              : this.#button('engine.loadAgain', 'loadModel', 'primary'),
            this.#button('action.showLog', 'showLog'),
          ),
        ];
      case 'unresponsive':
        return [
          this.#heading('engine.unresponsive'),
          this.#text('engine.unresponsiveText'),
          element(
            'div',
            { class: 'row' },
            this.#button('engine.restart', 'restartEngine', 'primary'),
            this.#button('action.showLog', 'showLog'),
          ),
        ];
      case 'ready':
        return [
          this.#heading('engine.ready'),
          this.#name(name),
          element('p', { class: 'muted', text: l10n.t('engine.readyText') }),
          element('p', { class: 'muted', text: l10n.t('engine.readyKeys') }),
        ];
    }
  }

  #progress(face: 'starting' | 'loading'): HTMLElement {
    this.#fill = element('div', { class: 'fill' });
    this.#bar = element(
      'div',
      {
        class: 'track',
        label: this.#ui.l10n.t(`engine.${face}`),
        attributes: { role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' },
      },
      this.#fill,
    );
    return this.#bar;
  }

  #updateProgress(progress: number): void {
    const percent = Math.round(Math.min(1, Math.max(0, progress)) * 100);
    if (this.#fill !== undefined) this.#fill.style.inlineSize = `${percent}%`;
    this.#bar?.setAttribute('aria-valuenow', String(percent));
    if (this.#title !== undefined)
      setText(this.#title, this.#ui.l10n.t('engine.loadingPercent', { percent }));
  }

  #idle({ minutes, seconds }: NonNullable<EngineView['idleEnd']>): HTMLElement {
    const { l10n } = this.#ui;
    const values = {
      minutes: l10n.number(minutes, Number.isInteger(minutes) ? 0 : 1),
      seconds: l10n.number(seconds, seconds < 10 ? 1 : 0),
    };
    return element('p', { class: 'muted', text: l10n.t('engine.idleEnd', values) });
  }

  #heading(key: ChatKey): HTMLElement {
    this.#title = element('h3', { class: 'number', text: this.#ui.l10n.t(key) });
    return this.#title;
  }

  #name(name: string): HTMLElement {
    return element('p', { class: 'muted name', text: name, attributes: { dir: 'auto' } });
  }

  #text(key: ChatKey, extra = 'muted'): HTMLElement {
    return element('p', { class: extra, text: this.#ui.l10n.t(key) });
  }

  #get(): ButtonElement {
    return button({
      text: this.#ui.l10n.t('engine.get'),
      look: 'primary',
      onClick: () => this.#ui.post({ kind: 'getModel' }),
    });
  }

  #button(
    key: ChatKey,
    kind: 'chooseModel' | 'testEngine' | 'loadModel' | 'restartEngine' | 'showLog',
    look: 'primary' | 'secondary' = 'secondary',
  ): ButtonElement {
    return button({ text: this.#ui.l10n.t(key), look, onClick: () => this.#ui.post({ kind }) });
  }
}

type Face = 'unconfigured' | 'stopped' | 'starting' | 'loading' | 'failed' | 'unresponsive' | 'ready';

function faceOf({ state, model, configuredModel, unresponsive }: EngineView): Face {
  if (unresponsive === true) return 'unresponsive';
  switch (state.kind) {
    case 'failed':
    case 'starting':
    case 'loading':
      return state.kind;
    case 'ready':
    case 'prefilling':
    case 'generating':
      return 'ready';
    case 'stopped':
      if (model !== undefined) return 'ready';
      return configuredModel === undefined ? 'unconfigured' : 'stopped';
  }
}
