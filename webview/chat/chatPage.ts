import type { ChatCommand, ChatEvent, ChatSnapshot, EngineView } from '../../src/protocol/webview';
import { assertNever, element, quietButton } from '../dom';
import type { Host } from '../host';
import type { L10n } from '../l10n';
import { numberOr, record, textOr } from '../loose';
import { Announcer } from './announcer';
import { Composer } from './composer';
import { EnginePanel } from './enginePanel';
import { Header } from './header';
import { History } from './history';
import { icon } from './icons';
import { MessageList } from './messageList';
import { Meter } from './meter';
import { parseChatEvent } from './parse';
import { Scroller } from './scroller';
import { applyStream, isRunning, type StreamEvent } from './stream';
import type { ChatKey, Ui } from './ui';

/** Between two requests for a whole snapshot, in milliseconds. */
const askAgainMs = 1000;

/** The chat view: keeps the last snapshot, applies what streams in, and shows both. */
export class ChatPage {
  readonly #host: Host<ChatCommand>;
  readonly #ui: Ui;
  readonly #announcer: Announcer;
  readonly #messages: MessageList;
  readonly #scroller: Scroller;
  readonly #header: Header;
  readonly #history: History;
  readonly #engine: EnginePanel;
  readonly #meter: Meter;
  readonly #composer: Composer;
  readonly #notices = element('div', { class: 'notices' });
  readonly #conversation: HTMLElement;
  #snapshot: ChatSnapshot | undefined;
  #historyOpen = false;
  #frame = 0;
  #askedAt = -askAgainMs;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host<ChatCommand>, l10n: L10n<ChatKey>, root: HTMLElement) {
    this.#host = host;
    this.#announcer = new Announcer(l10n);
    this.#ui = {
      l10n,
      post: (command) => host.post(command),
      announce: (text) => this.#announcer.say(text),
    };
    this.#messages = new MessageList(this.#ui);
    this.#engine = new EnginePanel(this.#ui);
    const content = element('div', { class: 'content' }, this.#notices, this.#messages.element);
    this.#scroller = new Scroller(this.#ui, content, () => this.#saveSoon());
    this.#header = new Header(
      this.#ui,
      () => this.#toggleHistory(!this.#historyOpen),
      () => {
        this.#ui.post({ kind: 'newConversation' });
        this.#toggleHistory(false);
        this.#composer.focus(undefined);
      },
    );
    this.#history = new History(this.#ui, () => this.#toggleHistory(false));
    this.#meter = new Meter(this.#ui);
    this.#composer = new Composer(
      this.#ui,
      () => this.#scroller.toEnd(),
      () => this.#saveSoon(),
    );
    this.#conversation = element(
      'main',
      { class: 'conversation-view', label: l10n.t('app.conversation') },
      element('div', { class: 'scroll-area' }, this.#scroller.element, this.#scroller.jump),
      this.#engine.element,
      element('footer', {}, this.#meter.element, this.#composer.element),
    );
    root.replaceChildren(
      this.#header.element,
      this.#history.element,
      this.#conversation,
      this.#announcer.element,
    );
  }

  /** Begins to listen and asks for the first snapshot. */
  start(): void {
    const draft = record(this.#host.loadState())['draft'];
    this.#composer.setDraft(typeof draft === 'string' ? draft : '');
    this.#host.subscribe(parseChatEvent, (event) => this.#handle(event));
    this.#host.post({ kind: 'ready' });
  }

  #handle(event: ChatEvent): void {
    switch (event.kind) {
      case 'snapshot':
        this.#show(event);
        break;
      case 'stream':
        this.#stream(event);
        break;
      case 'engine':
        this.#showEngine(event.engine);
        break;
      case 'offers':
        this.#engine.offer(event.offers);
        break;
      case 'completions':
        this.#composer.offer(event.request, event.offers);
        break;
      case 'focusInput':
        this.#toggleHistory(false);
        this.#composer.focus(event.text);
        break;
      default:
        assertNever(event);
    }
  }

  #show(snapshot: ChatSnapshot): void {
    const first = this.#snapshot === undefined;
    this.#snapshot = snapshot;
    this.#showNotices(snapshot.notices);
    const other = this.#messages.update(snapshot.conversation);
    this.#showHeader();
    this.#history.update(snapshot.conversations, snapshot.conversation.id);
    this.#meter.update(snapshot.context);
    this.#composer.update(snapshot);
    this.#showEngine(snapshot.engine);
    this.#followAnswer();
    if (other) this.#restoreScroll(first ? snapshot.conversation.id : undefined);
    else this.#scroller.settle();
  }

  #stream(event: StreamEvent): void {
    if (this.#snapshot === undefined) return;
    const answer = applyStream(this.#snapshot.conversation, event);
    if (answer === undefined) {
      const now = performance.now();
      if (now - this.#askedAt < askAgainMs) return;
      this.#askedAt = now;
      this.#host.post({ kind: 'ready' });
      return;
    }
    // However many tokens arrive, the page is drawn once a frame.
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawRunning();
    });
  }

  #drawRunning(): void {
    const messages = this.#snapshot?.conversation.messages ?? [];
    const last = messages.at(-1);
    for (const message of messages.slice(-4)) {
      if (message.role === 'assistant') this.#messages.updateAnswer(message, message === last);
    }
    this.#followAnswer();
    this.#scroller.settle();
  }

  #followAnswer(): void {
    const answer = this.#snapshot?.conversation.messages.findLast((message) => message.role === 'assistant');
    if (answer !== undefined) this.#announcer.follow(answer, performance.now());
    this.#composer.setBusy(answer !== undefined && isRunning(answer));
  }

  #showEngine(engine: EngineView): void {
    if (this.#snapshot === undefined) return;
    this.#snapshot.engine = engine;
    const { messages } = this.#snapshot.conversation;
    const empty = messages.length === 0;
    this.#conversation.classList.toggle('empty', empty);
    // The answer that the engine failed in says so already, with what to do.
    const last = messages.at(-1);
    const told = last?.role === 'assistant' && last.status.kind === 'failed';
    this.#engine.update(engine, empty, told);
    this.#composer.updateEngine(engine);
  }

  #showNotices(notices: ChatSnapshot['notices']): void {
    const label = this.#ui.l10n.t('notice.dismiss');
    this.#notices.replaceChildren(
      ...notices.map(({ id, text }) =>
        element(
          'div',
          { class: 'notice', attributes: { role: 'status' } },
          element('span', { text, attributes: { dir: 'auto' } }),
          quietButton(
            {
              class: 'bare',
              label,
              title: label,
              onClick: () => this.#ui.post({ kind: 'dismissNotice', id }),
            },
            icon('close'),
          ),
        ),
      ),
    );
  }

  #showHeader(): void {
    this.#header.update(this.#snapshot?.conversation.title ?? '', this.#historyOpen);
  }

  #toggleHistory(open: boolean): void {
    if (open === this.#historyOpen) return;
    this.#historyOpen = open;
    this.#conversation.hidden = open;
    this.#history.toggle(open);
    this.#showHeader();
    if (open) return;
    this.#header.historyButton.focus();
    this.#scroller.settle();
  }

  /** `id`: the conversation shown first, which may have been left scrolled up. */
  #restoreScroll(id: string | undefined): void {
    const saved = record(record(this.#host.loadState())['scroll']);
    const message = textOr(saved['message']);
    if (id === undefined || saved['id'] !== id || !this.#goTo(message, numberOr(saved['offset'], 0))) {
      this.#scroller.toEnd();
    }
  }

  /** Brings a message to where it was; false where it is not there any more. */
  #goTo(message: string, offset: number): boolean {
    const distance = this.#messages.distance(message, this.#scroller.top);
    if (distance === undefined) return false;
    this.#scroller.by(distance - offset);
    return true;
  }

  #saveSoon(): void {
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined;
      this.#host.saveState({ draft: this.#composer.draft, scroll: this.#place() });
    }, 200);
  }

  /** Where the conversation is scrolled to; undefined at its end. */
  #place(): unknown {
    // Before the first snapshot the last place still stands.
    if (this.#snapshot === undefined) return record(this.#host.loadState())['scroll'];
    const place = this.#scroller.atEnd ? undefined : this.#messages.placeAt(this.#scroller.top);
    return place && { id: this.#snapshot.conversation.id, message: place.id, offset: place.offset };
  }
}
