import * as vscode from 'vscode';
import { commandIds } from '../contributions';
import type { Engine, EngineSnapshot } from '../engineClient/engine';
import type { VramMonitor } from '../hardware/vramMonitor';
import type { EngineFailure } from '../protocol/engine';
import type { ContextView } from '../protocol/webview';
import { describeElectron, describeFallback } from './backend';
import { statusText } from './statusText';
import { statusTooltip, tooltipCommands, type PlannedFigures } from './tooltip';

export interface StatusBarDeps {
  engine: Pick<Engine, 'snapshot' | 'onDidChange'>;
  monitor: Pick<VramMonitor, 'reading' | 'onDidChange'>;
  /** File name of the model that the settings name. */
  configured: () => string | undefined;
  /** What the loaded model was planned to take. */
  planned: () => PlannedFigures | undefined;
  /** A failure in words. */
  describe: (failure: EngineFailure) => string;
}

const colours = {
  normal: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
};

/** The one item of the status bar: a view of the engine's state and of the memory in use. */
export class StatusBar {
  readonly #item: vscode.StatusBarItem;
  readonly #subscriptions: { dispose(): void }[];
  #context: ContextView | undefined;
  #shown = '';
  readonly #warned = new Set<string>();

  constructor(private readonly deps: StatusBarDeps) {
    this.#item = vscode.window.createStatusBarItem('layercake.status', vscode.StatusBarAlignment.Right, 100);
    this.#item.name = 'Layercake';
    this.#item.command = commandIds.showControls;
    this.#subscriptions = [
      this.#item,
      deps.engine.onDidChange((snapshot) => this.#engineChanged(snapshot)),
      deps.monitor.onDidChange(() => this.refresh()),
    ];
    this.#engineChanged(deps.engine.snapshot);
    this.#item.show();
  }

  /** How full the current conversation's context is; undefined: not known. */
  showContext(context: ContextView | undefined): void {
    this.#context = context;
    this.refresh();
  }

  /** Shows what is known now, e.g. after the settings have named another model. */
  refresh(): void {
    const { engine, monitor, configured, planned, describe } = this.deps;
    const { snapshot } = engine;
    const input = {
      snapshot,
      memory: monitor.reading,
      configured: configured(),
      planned: planned(),
      context: snapshot.model ? this.#context : undefined,
      failure: snapshot.state.kind === 'failed' ? describe(snapshot.state.error) : undefined,
    };
    const { text, label, severity } = statusText(input, vscode.l10n.t);
    const markdown = statusTooltip(input, vscode.l10n.t);
    // Snapshots come with each token; each assignment would be a message to the window.
    const shown = JSON.stringify([text, severity, markdown]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#item.text = text;
    this.#item.accessibilityInformation = { label, role: 'button' };
    this.#item.backgroundColor = colours[severity];
    const tooltip = new vscode.MarkdownString(markdown, true);
    tooltip.isTrusted = { enabledCommands: tooltipCommands.map((name) => commandIds[name]) };
    this.#item.tooltip = tooltip;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #engineChanged(snapshot: EngineSnapshot): void {
    this.refresh();
    const { info, runtime } = snapshot;
    // A fall-back is never silent.
    if (info?.fallback) this.#warnOnce(describeFallback(info.fallback, info.backend, vscode.l10n.t));
    if (runtime?.hostBufferLimitBytes !== undefined) {
      this.#warnOnce(describeElectron(runtime.hostBufferLimitBytes, vscode.l10n.t));
    }
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    const showLog = vscode.l10n.t('Show log');
    void vscode.window.showWarningMessage(message, showLog).then((choice) => {
      if (choice === showLog) void vscode.commands.executeCommand(commandIds.showLog);
    });
  }
}
