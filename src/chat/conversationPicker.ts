import * as vscode from 'vscode';
import type { ChatSession } from './chatSession';

interface Item extends vscode.QuickPickItem {
  id: string;
  title: string;
}

/** The list of conversations, newest first, each with a button that deletes it. */
export class ConversationPicker {
  readonly #session: ChatSession;
  readonly #open: (id: string) => Promise<void>;

  constructor(session: ChatSession, open: (id: string) => Promise<void>) {
    this.#session = session;
    this.#open = open;
  }

  /** Settles once something was chosen and opened, or nothing was. Rejects where a deletion fails. */
  show(): Promise<void> {
    const pick = vscode.window.createQuickPick<Item>();
    pick.placeholder = vscode.l10n.t('Conversation to open');
    pick.items = this.#items();
    return new Promise((resolve, reject) => {
      const end = (action: Promise<void> | undefined): void => {
        pick.dispose();
        if (action === undefined) resolve();
        else action.then(resolve, reject);
      };
      pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        end(chosen && this.#open(chosen.id));
      });
      // The question before a deletion hides the list; it is opened again afterwards.
      pick.onDidTriggerItemButton(({ item }) => end(this.#delete(item)));
      pick.onDidHide(() => end(undefined));
      pick.show();
    });
  }

  async #delete({ id, title }: Item): Promise<void> {
    if (await confirmDelete(title)) await this.#session.deleteConversation(id);
    await this.show();
  }

  #items(): Item[] {
    const button = { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Delete Conversation') };
    return this.#session.conversations().map(({ id, title, updated }) => ({
      ...{ id, title, label: title, buttons: [button] },
      description: new Date(updated).toLocaleString(vscode.env.language),
    }));
  }
}

/** Asks whether a conversation may go. */
export async function confirmDelete(title: string): Promise<boolean> {
  const yes = vscode.l10n.t('Delete');
  const message = vscode.l10n.t('Delete the conversation “{0}”? This cannot be undone.', title);
  return (await vscode.window.showWarningMessage(message, { modal: true }, yes)) === yes;
}
