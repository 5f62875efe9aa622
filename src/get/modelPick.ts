import * as vscode from 'vscode';
import { CancelledError } from '../errors';
import type { HubRepository } from '../protocol/hub';
import { repositoryRow, suggestionRow } from './getRows';
import type { Suggestion } from './suggestions';

interface ModelItem extends vscode.QuickPickItem {
  repository?: string;
}

export interface ModelPickDeps {
  /** Host of the hub, as shown. */
  host: string;
  suggestions: () => Promise<readonly Suggestion[]>;
  /** Rejects with `CancelledError` after an abort. */
  search: (text: string, signal: AbortSignal) => Promise<readonly HubRepository[]>;
  describe: (error: unknown) => string | undefined;
  enterToken: () => Promise<unknown>;
}

/** How long typing must rest before the hub is asked. Milliseconds. */
const pauseMs = 400;

/** Lets the person choose a repository; undefined where they did not. The hub is asked when something is typed. */
export async function pickRepository(deps: ModelPickDeps): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<ModelItem>();
  const view = new ModelView(pick, deps);
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      const { t } = vscode.l10n;
      pick.title = t('Get a model');
      pick.placeholder = t('Type to search {0}, or give a repository as owner/name', deps.host);
      pick.matchOnDescription = true;
      pick.buttons = [{ iconPath: new vscode.ThemeIcon('key'), tooltip: t('Access token…') }];
      pick.onDidTriggerButton(() => {
        resolve(undefined);
        deps.enterToken().then(undefined, reject);
      });
      pick.onDidChangeValue((text) => view.type(text.trim()));
      pick.onDidAccept(() => {
        const repository = pick.selectedItems[0]?.repository;
        if (repository !== undefined) resolve(repository);
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
      view.suggest().catch(reject);
    });
  } finally {
    view.dispose();
    pick.dispose();
  }
}

/** The curated list, and below it what the hub has found. */
class ModelView {
  private suggested: ModelItem[] = [];
  private found: ModelItem[] = [];
  private timer: NodeJS.Timeout | undefined;
  private search = new AbortController();
  private disposed = false;

  constructor(
    private readonly pick: vscode.QuickPick<ModelItem>,
    private readonly deps: ModelPickDeps,
  ) {}

  async suggest(): Promise<void> {
    this.pick.busy = true;
    const { t } = vscode.l10n;
    const suggestions = await this.deps.suggestions();
    this.suggested = [
      separator(t('suggested, estimated')),
      ...suggestions.map((each) => ({ ...suggestionRow(each, t), repository: each.model.repository })),
    ];
    this.show();
    if (!this.disposed) this.pick.busy = false;
  }

  type(text: string): void {
    clearTimeout(this.timer);
    this.search.abort();
    this.search = new AbortController();
    const { signal } = this.search;
    this.found = [];
    this.pick.busy = text.length > 1;
    this.show();
    if (text.length > 1) this.timer = setTimeout(() => void this.find(text, signal), pauseMs);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.search.abort();
  }

  /** Never rejects. */
  private async find(text: string, signal: AbortSignal): Promise<void> {
    const { t } = vscode.l10n;
    try {
      const found = await this.deps.search(text, signal);
      const rows = found.map((each) => ({ ...repositoryRow(each, t), repository: each.name }));
      const named = /^[\w.-]+\/[\w.-]+$/.test(text) && !found.some(({ name }) => name === text);
      const own = named ? [{ label: text, description: t('as given'), repository: text }] : [];
      const items = [...own, ...rows].map((item) => ({ ...item, alwaysShow: true }));
      const none = { label: t('Nothing was found.'), alwaysShow: true };
      this.found = [separator(this.deps.host), ...(items.length === 0 ? [none] : items)];
    } catch (error) {
      const label = CancelledError.is(error) ? undefined : this.deps.describe(error);
      this.found = label === undefined ? [] : [separator(this.deps.host), { label, alwaysShow: true }];
    }
    if (signal.aborted) return;
    this.pick.busy = false;
    this.show();
  }

  private show(): void {
    if (!this.disposed) this.pick.items = [...this.suggested, ...this.found];
  }
}

function separator(label: string): ModelItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
