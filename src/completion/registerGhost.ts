import * as vscode from 'vscode';
import { UserError } from '../errors';
import { writeSetting } from '../settings';
import type { Ghost, GhostParts } from './createGhost';

/** on: by itself. request: the model is too slow for that. */
export type GhostState = 'on' | 'off' | 'request';

export interface GhostFeature {
  /** undefined where no loaded model can fill in. */
  readonly state: GhostState | undefined;
  handlers: Record<'toggleGhostText' | 'triggerGhostText', () => Promise<void>>;
  dispose(): void;
}

/** Never everywhere: the boxes of comments are documents too. */
const selector = ['file', 'untitled', 'vscode-remote', 'vscode-notebook-cell'].map((scheme) => ({ scheme }));

/** Ghost text: loaded when somebody types while a model that can fill in is loaded. */
export function registerGhost(parts: GhostParts): GhostFeature {
  const { engine, read } = parts;
  let ghost: Ghost | undefined;
  const load = async () => (ghost ??= (await import('./createGhost')).createGhost(parts));
  const canFill = () => {
    const { model } = engine.snapshot;
    return model?.fim === true || model?.completion?.fim === true;
  };
  const registered = vscode.languages.registerInlineCompletionItemProvider(selector, {
    provideInlineCompletionItems: async (...asked) => {
      const wanted =
        read('completion.enabled') || asked[2].triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
      if (!canFill() || !wanted) return [];
      return await (await load()).provider.provideInlineCompletionItems(...asked);
    },
  });
  const state = (): GhostState => {
    if (!read('completion.enabled')) return 'off';
    return ghost?.texts.isTooSlow === true ? 'request' : 'on';
  };
  return {
    get state() {
      return canFill() ? state() : undefined;
    },
    handlers: {
      toggleGhostText: async () => {
        const enabled = !read('completion.enabled');
        await writeSetting('completion.enabled', enabled);
        const { t } = vscode.l10n;
        vscode.window.setStatusBarMessage(enabled ? t('Ghost text is on.') : t('Ghost text is off.'), 3_000);
      },
      triggerGhostText: async () => {
        if (!canFill()) throw new UserError(whyNone(engine.snapshot.model !== undefined));
        await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      },
    },
    dispose() {
      registered.dispose();
      ghost?.dispose();
    },
  };
}

function whyNone(isLoaded: boolean): string {
  const { t } = vscode.l10n;
  return isLoaded
    ? t(
        'The loaded model has no tokens for filling in. Choose a model for completions in the list of models, and load again.',
      )
    : t('Ghost text needs a loaded model. Load one first.');
}
