import * as vscode from 'vscode';
import { loadSettingsFor, type ReadSetting } from '../models/loadSettings';
import type { ModelLoader } from '../models/modelLoader';
import { saveOwnValue, type WriteSetting } from '../models/saveLoadSettings';
import { UserError } from '../errors';
import type { ShownPlan, ShownPlans } from '../planner/shownPlans';
import type { LoadForm } from '../protocol/webview';
import { askPin } from './askPin';
import type { PinName, PinValue } from './pins';
import { planRows, planSource, type PlanRow } from './planRows';

export interface PlanPickDeps {
  loader: Pick<ModelLoader, 'configuredPath' | 'load'>;
  plans: Pick<ShownPlans, 'of'>;
  read: ReadSetting;
  write: WriteSetting;
  openSettingsPage: () => Promise<void>;
}

/** What a person does in the list. */
type Choice =
  | { kind: 'pin'; name: PinName; shown: ShownPlan }
  | { kind: 'solve'; name: PinName }
  | { kind: 'load' | 'settings' };

interface PlanItem extends vscode.QuickPickItem {
  row?: PlanRow;
}

/**
 * Shows the plan for the model that the settings name; a variable can be pinned for this file, or left to the plan
 * again, until the list is closed.
 */
export async function showPlan(deps: PlanPickDeps): Promise<void> {
  const { loader, read, write } = deps;
  for (;;) {
    const path = loader.configuredPath();
    if (path === undefined) {
      throw new UserError(vscode.l10n.t('No model is chosen yet. Choose a GGUF file first.'));
    }
    const form = loadSettingsFor(path, read).options;
    const save = (name: PinName, value: PinValue) => saveOwnValue(path, name, value, read, write);
    const choice = await choose(form, deps.plans);
    switch (choice?.kind) {
      case undefined:
        return;
      case 'load':
        await loader.load();
        return;
      case 'settings':
        await deps.openSettingsPage();
        return;
      case 'solve':
        await save(choice.name, null);
        break;
      case 'pin': {
        const { name, shown } = choice;
        const { totalLayers, trainContext } = shown.file.header;
        const bounds = { totalLayers, trainContextSize: trainContext };
        const answer = await askPin(name, bounds, form[name]);
        if (answer !== undefined) await save(name, answer.value);
      }
    }
  }
}

/** Opens the list and follows the plan until the person chooses. undefined: closed. Rejects for a bad file. */
async function choose(form: LoadForm, plans: PlanPickDeps['plans']): Promise<Choice | undefined> {
  const pick = vscode.window.createQuickPick<PlanItem>();
  const stop = new AbortController();
  const load = button('play', vscode.l10n.t('Load with this plan'));
  const settings = button('settings-gear', vscode.l10n.t('Open settings'));
  let shown: ShownPlan | undefined;
  try {
    return await new Promise<Choice | undefined>((resolve, reject) => {
      pick.buttons = [load, settings];
      pick.busy = true;
      pick.keepScrollPosition = true;
      pick.matchOnDescription = true;
      pick.matchOnDetail = true;
      pick.title = vscode.l10n.t('Load plan');
      pick.onDidTriggerButton((pressed) => resolve({ kind: pressed === load ? 'load' : 'settings' }));
      pick.onDidTriggerItemButton(({ item: { row } }) => {
        if (row?.pin) resolve({ kind: 'solve', name: row.pin.name });
      });
      pick.onDidAccept(() => {
        const name = pick.selectedItems[0]?.row?.pin?.name;
        if (name !== undefined && shown !== undefined) resolve({ kind: 'pin', name, shown });
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
      const follow = async () => {
        for await (shown of plans.of(form, stop.signal)) {
          if (!stop.signal.aborted) update(pick, shown);
        }
      };
      follow().catch(reject);
    });
  } finally {
    stop.abort();
    pick.dispose();
  }
}

function update(pick: vscode.QuickPick<PlanItem>, shown: ShownPlan): void {
  const active = pick.activeItems[0]?.row?.id;
  const solve = button('pinned', vscode.l10n.t('Solve it'));
  const items = planRows(shown, vscode.l10n.t).flatMap(({ title, rows }): PlanItem[] => [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...rows.map((row) => ({ ...itemOf(row), row, buttons: row.pin?.pinned === true ? [solve] : [] })),
  ]);
  pick.items = items;
  pick.activeItems = items.filter(({ row }) => row !== undefined && row.id === active);
  pick.busy = shown.kind === 'checking';
  pick.title = vscode.l10n.t('Load plan: {0}', shown.file.header.name ?? '');
  pick.placeholder = planSource(shown, vscode.l10n.t);
}

function itemOf({ label, description, detail }: PlanRow): vscode.QuickPickItem {
  return { label, description, ...(detail !== undefined && { detail }) };
}

function button(icon: string, tooltip: string): vscode.QuickInputButton {
  return { iconPath: new vscode.ThemeIcon(icon), tooltip };
}
