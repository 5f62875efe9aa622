import * as vscode from 'vscode';
import { commandIds, type CommandName } from '../contributions';
import type { InlineChat, InlineChatParts } from './inlineChat';

export type InlineCommandName = Extract<
  CommandName,
  | 'inlineChat'
  | 'inlineSend'
  | 'inlineStop'
  | 'inlineAccept'
  | 'inlineShowDiff'
  | 'inlineDiscard'
  | 'inlineCopy'
  | 'inlineOpenInChat'
  | 'inlineLeave'
>;
const names: readonly InlineCommandName[] = [
  ...(['inlineChat', 'inlineSend', 'inlineStop', 'inlineAccept'] as const),
  ...(['inlineShowDiff', 'inlineDiscard', 'inlineCopy', 'inlineOpenInChat', 'inlineLeave'] as const),
];

/** What a command is run with: a thread, a comment, a reply, or nothing where a key was pressed. */
export type InlineHandlers = Record<InlineCommandName, (argument?: unknown) => void | Promise<void>>;

export interface LazyInlineChat {
  handlers: InlineHandlers;
  /** Stops what runs; false where nothing does. */
  stop(): boolean;
  dispose(): void;
}

/** Inline chat, loaded when it is first asked for; before, there is only its entry in the lightbulb. */
export function lazyInlineChat(parts: InlineChatParts): LazyInlineChat {
  let part: InlineChat | undefined;
  let loading: Promise<InlineChat> | undefined;
  const load = () =>
    (loading ??= import('./inlineChat').then((module) => (part = new module.InlineChat(parts))));
  const lightbulb = registerLightbulb();
  return {
    handlers: Object.fromEntries(
      names.map((name) => [name, async (argument) => (await load()).handlers[name](argument)]),
    ) as InlineHandlers,
    stop: () => part?.stop() ?? false,
    dispose() {
      lightbulb.dispose();
      part?.dispose();
    },
  };
}

/** Where there is something to ask about: a selection, or a problem. */
function registerLightbulb(): vscode.Disposable {
  const schemes = ['file', 'untitled', 'vscode-remote'];
  const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;
  return vscode.languages.registerCodeActionsProvider(
    schemes.map((scheme) => ({ scheme })),
    {
      provideCodeActions: (_document, range, { diagnostics }) => {
        if (range.isEmpty && diagnostics.length === 0) return [];
        const title = vscode.l10n.t('Ask Layercake…');
        const action = new vscode.CodeAction(title, range.isEmpty ? QuickFix : RefactorRewrite);
        action.command = { title, command: commandIds.inlineChat };
        return [action];
      },
    },
    { providedCodeActionKinds: [QuickFix, RefactorRewrite] },
  );
}
