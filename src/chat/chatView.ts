import * as vscode from 'vscode';
import { commandIds, viewIds, type CommandName } from '../contributions';
import { CancelledError, UserError } from '../errors';
import type { Logger } from '../log';
import type { ChatCommand, ModelOffers } from '../protocol/webview';
import { onDidChangeSettings, writeSetting } from '../settings';
import { showPage, webviewOptions } from '../webviewPage';
import type { ChatSession } from './chatSession';
import { runCodeAction, type ActiveEditor, type ApplyCode } from './codeActions';
import { openLink } from './openLink';
import { parseChatCommand } from './parseChatCommand';

export interface ChatViewDeps {
  session: ChatSession;
  extensionUri: vscode.Uri;
  applyCode: ApplyCode;
  editors: ActiveEditor;
  /** Saves a conversation as Markdown, asking where. */
  exportConversation: (id: string) => Promise<void>;
  attachSelection: () => Promise<void>;
  /** What to begin with; undefined where a model is configured. */
  offers: () => Promise<ModelOffers | undefined>;
  log: Logger;
}

/** The chat's page in its view: what the page sends goes to the session, what the session says to the page. */
export class ChatView implements vscode.WebviewViewProvider {
  readonly #deps: ChatViewDeps;
  readonly #subscriptions: { dispose(): void }[];
  #view: vscode.WebviewView | undefined;
  #ready = false;
  /** To be carried out once the page is there. */
  #focusOnReady: { text: string | undefined } | undefined;
  #complained = false;
  /** Models that the page may ask to be loaded. */
  #offered: readonly string[] = [];
  #completing: AbortController | undefined;

  constructor(deps: ChatViewDeps) {
    this.#deps = deps;
    this.#subscriptions = [
      vscode.window.registerWebviewViewProvider(viewIds.chat, this),
      deps.session.onEvent((event) => {
        if (event.kind === 'focusInput' && !this.#ready) this.#focusOnReady = { text: event.text };
        else void this.#view?.webview.postMessage(event);
      }),
      onDidChangeSettings(['language'], () => {
        if (this.#view !== undefined) void this.#run(() => this.#show(this.#view));
      }),
      onDidChangeSettings(['context.budgetSeconds'], () => this.#ready && this.#sendAll()),
      // Whether one is configured shows at once, also while no engine runs.
      onDidChangeSettings(['model.path'], () => {
        if (this.#ready) this.#sendAll();
        this.refreshOffers();
      }),
    ];
  }

  async resolveWebviewView(view: vscode.WebviewView): Promise<void> {
    this.#view = view;
    view.webview.options = webviewOptions(this.#deps.extensionUri);
    view.webview.onDidReceiveMessage((data: unknown) => this.#receive(data));
    // A hidden page is gone, and says `ready` again when it is back.
    view.onDidChangeVisibility(() => (this.#ready &&= view.visible));
    view.onDidDispose(() => {
      if (this.#view !== view) return;
      this.#view = undefined;
      this.#ready = false;
    });
    await this.#run(() => this.#show(view));
  }

  /** Brings the view to the front. The focus stays where it is, where the editor can do that. */
  async reveal(preserveFocus: boolean): Promise<void> {
    if (this.#view !== undefined) this.#view.show(preserveFocus);
    else await vscode.commands.executeCommand(`${viewIds.chat}.focus`, { preserveFocus });
  }

  /** Tells a page that is there what to begin with. */
  refreshOffers(): void {
    if (this.#ready) void this.#run(() => this.#sendOffers());
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #show(view: vscode.WebviewView | undefined): Promise<void> {
    this.#ready = false;
    if (view !== undefined) {
      await showPage(view.webview, this.#deps.extensionUri, 'chat', vscode.l10n.t('Chat'));
    }
  }

  #receive(data: unknown): void {
    const parsed = parseChatCommand(data);
    if (parsed.ok) {
      void this.#run(() => this.#handle(parsed.command));
      return;
    }
    this.#deps.log.warn(`message of the chat page ignored: ${parsed.problem}`);
    if (this.#complained) return;
    this.#complained = true;
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        'The chat page sent something that Layercake does not understand; it was ignored. Reloading the window brings both to one version.',
      ),
    );
  }

  async #handle(command: ChatCommand): Promise<void> {
    const { session, applyCode, editors, exportConversation, attachSelection } = this.#deps;
    switch (command.kind) {
      case 'ready':
        await session.start();
        this.#sendAll();
        return this.#sendOffers();
      case 'send':
        if (!(await session.send(command.text))) await this.#backToInput();
        return;
      case 'stop':
        session.stop();
        return;
      case 'retry':
        return session.retry(command.answerId);
      case 'editAndResend':
        return session.editAndResend(command.messageId, command.text);
      case 'removeAttachment':
        session.removeAttachment(command.id);
        return;
      case 'attachSelection':
        await attachSelection();
        return this.#backToInput();
      case 'complete':
        return this.#complete(command.request, command.typed);
      case 'mention':
        await session.mention(command.text);
        return this.#backToInput();
      case 'sendWhole':
        session.sendWhole(command.whole);
        return;
      case 'removeQueued':
        session.removeQueued(command.id);
        return;
      case 'dismissNotice':
        session.dismissNotice(command.id);
        return;
      case 'newConversation':
        return session.newConversation();
      case 'openConversation':
        return session.openConversation(command.id);
      case 'renameConversation':
        return session.renameConversation(command.id, command.title);
      case 'deleteConversation':
        return session.deleteConversation(command.id);
      case 'exportConversation':
        return exportConversation(command.id);
      case 'code':
        return runCodeAction(command, applyCode, editors.current);
      case 'openLink':
        return openLink(command.href);
      case 'useModel':
        if (!this.#offered.includes(command.path)) return;
        await writeSetting('model.path', command.path);
        return execute('loadModel');
      case 'getModel':
        return execute('getModel', command.repository);
      case 'chooseModel':
      case 'testEngine':
      case 'loadModel':
      case 'restartEngine':
      case 'openSettings':
      case 'showLog':
        return execute(command.kind);
    }
  }

  /** A question may have taken the focus out of the page. */
  async #backToInput(): Promise<void> {
    await this.reveal(false);
    this.#deps.session.focusInput();
  }

  #sendAll(): void {
    const webview = this.#view?.webview;
    if (webview === undefined) return;
    void webview.postMessage(this.#deps.session.snapshot());
    this.#ready = true;
    if (this.#focusOnReady === undefined) return;
    void webview.postMessage({ kind: 'focusInput', text: this.#focusOnReady.text });
    this.#focusOnReady = undefined;
  }

  /** Answers the last request alone: what was typed since makes the others void. */
  async #complete(request: number, typed: string): Promise<void> {
    this.#completing?.abort();
    const { signal } = (this.#completing = new AbortController());
    const offers = typed === '' ? [] : await this.#deps.session.complete(typed, signal);
    if (!signal.aborted) void this.#view?.webview.postMessage({ kind: 'completions', request, offers });
  }

  async #sendOffers(): Promise<void> {
    const offers = await this.#deps.offers();
    if (offers === undefined) return;
    this.#offered = offers.here.map(({ id }) => id);
    void this.#view?.webview.postMessage({ kind: 'offers', offers });
  }

  async #run(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (CancelledError.is(error)) return;
      if (!UserError.is(error)) this.#deps.log.error(error instanceof Error ? error : String(error));
      const showLog = vscode.l10n.t('Show Log');
      const message = error instanceof Error ? error.message : String(error);
      if ((await vscode.window.showErrorMessage(message, showLog)) === showLog) await execute('showLog');
    }
  }
}

async function execute(name: CommandName, ...values: unknown[]): Promise<void> {
  await vscode.commands.executeCommand(commandIds[name], ...values);
}
