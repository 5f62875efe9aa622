import * as vscode from 'vscode';
import { CancelledError } from '../errors';
import type { QuantAdvice } from '../plan/quantAdvice';
import { quantRow } from './getRows';
import { wantsToken } from './hubFailure';
import type { QuantGroup } from './quantGroups';
import type { GroupLevel, QuantPlans } from './quantPlans';

export type QuantChoice =
  | { kind: 'group'; group: QuantGroup; plans: QuantAdvice<GroupLevel> | undefined }
  | { kind: 'back' | 'token' | 'licence' };

interface QuantItem extends vscode.QuickPickItem {
  group?: QuantGroup;
  help?: 'token' | 'licence';
}

/** How long a row is looked at before its header is fetched. Milliseconds. */
const pauseMs = 300;

/**
 * Lets the person choose a model of a repository; undefined where they closed the list. The list is there at once.
 * Rejects as `find` does.
 * @param find the files, by quant
 * @param describe a failure to read a header, in one message
 */
export async function pickQuant(
  repository: string,
  find: (signal: AbortSignal) => Promise<QuantPlans>,
  describe: (error: unknown) => string | undefined,
): Promise<QuantChoice | undefined> {
  const pick = vscode.window.createQuickPick<QuantItem>();
  const stop = new AbortController();
  try {
    return await new Promise<QuantChoice | undefined>((resolve, reject) => {
      const view = new QuantView(pick, describe, stop.signal);
      pick.title = repository;
      pick.placeholder = vscode.l10n.t('The hub is being asked which files there are…');
      pick.busy = true;
      pick.ignoreFocusOut = true;
      pick.matchOnDescription = true;
      pick.buttons = [vscode.QuickInputButtons.Back];
      pick.onDidTriggerButton(() => resolve({ kind: 'back' }));
      pick.onDidAccept(() => {
        const [item] = pick.selectedItems;
        if (item?.group !== undefined && item.group.missing === 0) {
          resolve({ kind: 'group', group: item.group, plans: view.advice });
        } else if (item?.help !== undefined) resolve({ kind: item.help });
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
      find(stop.signal)
        .then((plans) => view.follow(plans))
        .catch(reject);
    });
  } catch (error) {
    if (CancelledError.is(error)) return undefined;
    throw error;
  } finally {
    stop.abort();
    pick.dispose();
  }
}

/** The rows as headers come in. */
class QuantView {
  advice: QuantAdvice<GroupLevel> | undefined;
  /** What ended the reading: it is told once, and not tried again with each row. */
  private failure: unknown;

  constructor(
    private readonly pick: vscode.QuickPick<QuantItem>,
    private readonly describe: (error: unknown) => string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Reads one header, the recommended model's and that of each row that is looked at, one after the other. */
  async follow(plans: QuantPlans): Promise<void> {
    const { pick, signal } = this;
    let timer: NodeJS.Timeout | undefined;
    let last = Promise.resolve();
    const want = (group: QuantGroup | undefined) => {
      if (group !== undefined) last = last.then(() => this.read(plans, group));
    };
    this.show(plans, vscode.l10n.t('The header of one file is being read for the plans…'));
    signal.addEventListener('abort', () => clearTimeout(timer));
    pick.onDidChangeActive(([item]) => {
      clearTimeout(timer);
      timer = setTimeout(() => want(item?.group), pauseMs);
    });
    want(plans.first);
    await last;
    const recommended = this.advice?.recommended?.level.group;
    const item = pick.items.find(({ group }) => group !== undefined && group === recommended);
    if (item !== undefined && !this.isOver()) pick.activeItems = [item];
    want(recommended);
    await last;
    if (!this.isOver()) pick.busy = false;
  }

  /** Never rejects: without a header there are still the sizes. */
  private async read(plans: QuantPlans, group: QuantGroup): Promise<void> {
    const { pick, signal } = this;
    if (this.isOver() || this.failure !== undefined || plans.isRead(group)) return;
    try {
      pick.busy = true;
      await plans.read(group, signal);
      this.advice = await plans.plans();
    } catch (error) {
      this.failure = error;
    }
    const ready = vscode.l10n.t('Choose what to download. Sizes are exact, layers and speed estimated.');
    this.show(plans, this.failure === undefined ? ready : (this.describe(this.failure) ?? ''));
    if (!this.isOver()) pick.busy = false;
  }

  private isOver(): boolean {
    return this.signal.aborted;
  }

  private show(plans: QuantPlans, placeholder: string): void {
    const { pick, advice } = this;
    const { t } = vscode.l10n;
    if (this.isOver()) return;
    const active = pick.activeItems[0]?.group;
    const items = plans.groups.map((group): QuantItem => {
      return { ...quantRow(group, plans.problemOf(group), advice, t), group };
    });
    const help = wantsToken(this.failure) ? helpItems() : [];
    pick.keepScrollPosition = true;
    pick.items = [...help, ...items];
    pick.activeItems = help.length > 0 ? help.slice(0, 1) : items.filter(({ group }) => group === active);
    pick.placeholder = items.length === 0 ? t('There is no GGUF model in this repository.') : placeholder;
  }
}

function helpItems(): QuantItem[] {
  const { t } = vscode.l10n;
  return [
    {
      label: t('Enter an access token…'),
      detail: t('The hub gives these files, and what plans need of them, only to those it knows.'),
      ...{ iconPath: new vscode.ThemeIcon('key'), alwaysShow: true, help: 'token' },
    },
    {
      label: t('Open the page of the licence'),
      detail: t('Accept it there in your account; the token must be of the same account.'),
      ...{ iconPath: new vscode.ThemeIcon('link-external'), alwaysShow: true, help: 'licence' },
    },
  ];
}
