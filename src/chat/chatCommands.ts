import * as vscode from 'vscode';
import { commandIds, type CommandName } from '../contributions';
import { UserError } from '../errors';
import { writeMention } from '../protocol/mentions';
import type { ChatSession } from './chatSession';
import type { ActiveEditor } from './codeActions';
import { confirmDelete, ConversationPicker } from './conversationPicker';

type ChatCommandName = Extract<
  CommandName,
  | 'openChat'
  | 'newConversation'
  | 'showHistory'
  | 'renameConversation'
  | 'deleteConversation'
  | 'exportConversation'
  | 'attachSelection'
>;

/** What the chat's commands do. They reject with what the command wrapper shows. */
export type ChatHandlers = Record<ChatCommandName, () => Promise<void>>;

/** The chat's commands, by name. `reveal` brings the view to the front. */
export function chatHandlers(
  session: ChatSession,
  editors: ActiveEditor,
  reveal: (preserveFocus: boolean) => Promise<void>,
): ChatHandlers {
  const open = async (): Promise<void> => {
    await reveal(false);
    session.focusInput();
  };
  return {
    openChat: open,
    async newConversation() {
      await session.newConversation();
      await open();
    },
    async showHistory() {
      await session.start();
      const picker = new ConversationPicker(session, async (id) => {
        await session.openConversation(id);
        await open();
      });
      await picker.show();
    },
    async renameConversation() {
      await session.start();
      const { id, title } = session.current;
      const prompt = vscode.l10n.t('Title of the conversation');
      const typed = await vscode.window.showInputBox({ prompt, value: title });
      if (typed !== undefined) await session.renameConversation(id, typed);
    },
    async deleteConversation() {
      await session.start();
      const { id, title } = session.current;
      if (await confirmDelete(title)) await session.deleteConversation(id);
    },
    async exportConversation() {
      await session.start();
      await exportConversation(session, session.current.id);
    },
    async attachSelection() {
      await attachSelection(session, editors);
      await reveal(true);
    },
  };
}

/** Adds a chip of what is selected in the editor, or of its whole file. */
export async function attachSelection(session: ChatSession, editors: ActiveEditor): Promise<void> {
  const editor = editors.current;
  if (editor === undefined) {
    throw new UserError(vscode.l10n.t('Open a file, and select what to add to the chat.'));
  }
  const { document, selection } = editor;
  const path = vscode.workspace.asRelativePath(document.uri);
  // As if it was named: what may not go into a prompt unasked is asked about.
  await session.mention(selection.isEmpty ? writeMention('file', path) : writeMention('selection'));
}

/** Asks where to, and writes a conversation as Markdown there. */
export async function exportConversation(session: ChatSession, id: string): Promise<void> {
  const exported = await session.exportConversation(id);
  if (exported === undefined) throw new UserError(vscode.l10n.t('This conversation cannot be read.'));
  const name = `${exported.title.replaceAll(/[^\p{L}\p{N} -]+/gu, '').trim() || 'conversation'}.md`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { Markdown: ['md'] },
  });
  if (uri === undefined) return;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(exported.markdown));
  await vscode.window.showTextDocument(uri);
}

/** Tells of an answer in a window that is not focused, with a way to it. */
export async function notifyAnswer(message: string): Promise<void> {
  const show = vscode.l10n.t('Open Chat');
  const chosen = await vscode.window.showInformationMessage(message, show);
  if (chosen === show) await vscode.commands.executeCommand(commandIds.openChat);
}
