import * as vscode from 'vscode';
import { CancelledError } from '../errors';
import type { QuantAdvice } from '../plan/quantAdvice';
import { quantRow } from './getRows';
import { wantsToken } from './hubFailure';
import type { QuantGroup } from './quantGroups';
import type { GroupLevel, QuantPlans } from './quantPlans';

export type QuantChoice =
  | { kind: 'group'; group: QuantGroup; plans: QuantAdvice<GroupLevel> | undefined }
  | { kind: 'back' }
  | { kind: 'token' };

interface QuantItem extends vscode.QuickPickItem {
  group?: QuantGroup;
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
        } else if (item?.iconPath !== undefined) resolve({ kind: 'token' });
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

  constructor(
    private readonly pick: vscode.QuickPick<QuantItem>,
    private readonly describe: (error: unknown) => string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Reads one header, the recommended model's and that of each row that is looked at, one after the other. */
  async follow(plans: QuantPlans): Promise<void> {
    const { pick } = this;
    const { t } = vscode.l10n;
    let timer: NodeJS.Timeout | undefined;
    let last = Promise.resolve();
    const want = (group: QuantGroup | undefined) => {
      if (group === undefined || plans.isRead(group)) return;
      last = last.then(() => this.read(plans, group));
    };
    this.show(plans, t('The header of one file is being read for the plans…'));
    this.signal.addEventListener('abort', () => clearTimeout(timer));
    pick.onDidChangeActive(([item]) => {
      clearTimeout(timer);
      timer = setTimeout(() => want(item?.group), pauseMs);
    });
    want(plans.first);
    await last;
    const recommended = this.advice?.recommended?.level.group;
    const item = pick.items.find(({ group }) => group !== undefined && group === recommended);
    if (item !== undefined && !this.signal.aborted) pick.activeItems = [item];
    want(recommended);
  }

  /** Never rejects: without a header there are still the sizes. */
  private async read(plans: QuantPlans, group: QuantGroup): Promise<void> {
    const { t } = vscode.l10n;
    try {
      this.pick.busy = true;
      await plans.read(group, this.signal);
      this.advice = await plans.plans();
      this.show(plans, t('Choose what to download. Sizes are exact, layers and speed estimated.'));
    } catch (error) {
      if (!this.signal.aborted) this.show(plans, this.describe(error), wantsToken(error));
    } finally {
      if (!this.signal.aborted) this.pick.busy = false;
    }
  }

  private show(plans: QuantPlans, placeholder: string | undefined, offerToken = false): void {
    const { pick, signal, advice } = this;
    const { t } = vscode.l10n;
    if (signal.aborted) return;
    const active = pick.activeItems[0]?.group;
    const items = plans.groups.map((group): QuantItem => {
      return { ...quantRow(group, plans.problemOf(group), advice, t), group };
    });
    const token: QuantItem = {
      label: t('Enter an access token…'),
      iconPath: new vscode.ThemeIcon('key'),
      ...(placeholder !== undefined && { detail: placeholder }),
      alwaysShow: true,
    };
    pick.keepScrollPosition = true;
    pick.items = offerToken ? [token, ...items] : items;
    if (active !== undefined) pick.activeItems = items.filter(({ group }) => group === active);
    pick.placeholder =
      items.length === 0 ? t('There is no GGUF model in this repository.') : (placeholder ?? '');
  }
}
