import type en from '../../media/l10n/chat.en.json';
import type { ChatCommand } from '../../src/protocol/webview';
import type { L10n } from '../l10n';

/** A string of the chat page. */
export type ChatKey = keyof typeof en;

/** What every part of the page needs. */
export interface Ui {
  l10n: L10n<ChatKey>;
  post: (command: ChatCommand) => void;
  /** Says something to screen readers, politely. */
  announce: (text: string) => void;
}
