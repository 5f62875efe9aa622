import * as vscode from 'vscode';
import type { Plan } from '../plan/plan';
import type { PlannedFile } from '../planner/planner';
import type { DownloadView, RunningDownloads } from '../protocol/downloads';
import { downloadRow } from './downloadRow';
import type { LibraryEntry } from './entry';
import type { Library } from './library';
import { libraryRow, type LibraryRow, type ModelUses } from './libraryRow';

/** A row of the view; commands of its menus get it as their argument. */
export type LibraryNode = LibraryEntry | DownloadView;

export interface LibraryTreeDeps {
  library: Library;
  downloads: RunningDownloads | undefined;
  /** By formulas, under the present settings. */
  preview: (file: PlannedFile) => Promise<Plan>;
  uses: () => ModelUses;
}

/** The rows of the view: running downloads, then the models by name. */
export class LibraryTree {
  /** By the file's identity. Rows are asked for far more often than budgets change. */
  private readonly plans = new Map<string, Promise<Plan | undefined>>();

  constructor(private readonly deps: LibraryTreeDeps) {}

  async children(): Promise<LibraryNode[]> {
    return [...(this.deps.downloads?.list() ?? []), ...(await this.deps.library.found())];
  }

  async item(node: LibraryNode): Promise<vscode.TreeItem> {
    const { t } = vscode.l10n;
    if (!isModel(node)) return itemOf(`download ${node.id}`, `download ${node.state}`, downloadRow(node, t));
    const plan = node.file && (await this.planOf(node.file));
    return itemOf(node.path, contextOf(node), libraryRow(node, plan, this.deps.uses(), t));
  }

  /** What rows show is to be planned anew: the budget, the settings or the machine's free memory have changed. */
  forgetPlans(): void {
    this.plans.clear();
  }

  /** undefined where not even formulas tell. */
  private planOf(file: PlannedFile): Promise<Plan | undefined> {
    const known = this.plans.get(file.identity);
    if (known !== undefined) return known;
    const plan = this.deps.preview(file).catch(() => undefined);
    this.plans.set(file.identity, plan);
    return plan;
  }
}

export function isModel(node: LibraryNode): node is LibraryEntry {
  return 'parts' in node;
}

/** Words that the menus' conditions look for. */
function contextOf({ file, own }: LibraryEntry): string {
  return ['model', ...(file === undefined ? [] : ['usable']), ...(own ? ['own'] : [])].join(' ');
}

function itemOf(
  id: string,
  context: string,
  { label, description, icon, tooltip }: LibraryRow,
): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = id;
  item.contextValue = context;
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(
    icon.id,
    icon.color === undefined ? undefined : new vscode.ThemeColor(icon.color),
  );
  item.tooltip = new vscode.MarkdownString(tooltip, true);
  item.accessibilityInformation = { label: `${label}, ${description.replaceAll(' · ', ', ')}` };
  return item;
}
