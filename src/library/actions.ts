import * as vscode from 'vscode';
import { commandIds, type CommandName } from '../contributions';
import type { Engine } from '../engineClient/engine';
import { EngineError, UserError } from '../errors';
import { GgufError } from '../gguf/ggufError';
import type { ModelLoader } from '../models/modelLoader';
import type { WriteSetting } from '../models/saveLoadSettings';
import type { PlannedFile } from '../planner/planner';
import { formatBytes } from '../status/format';
import { checkDeletable, deleteOwnCopies, ownCopies } from './deleteModel';
import { whyNoDraft } from './draftFit';
import type { LibraryEntry } from './entry';
import { isCopyOf, type ModelUses } from './libraryRow';
import { describeVerification } from './verificationWords';
import { verifyModel } from './verify';

export type ModelCommand = Extract<
  CommandName,
  | 'refreshModels'
  | 'loadListedModel'
  | 'useForCompletions'
  | 'useAsDraft'
  | 'verifyModel'
  | 'revealModel'
  | 'deleteModel'
  | 'copyModelPath'
>;

export interface ModelActionDeps {
  /** Looks for models anew. */
  refresh: () => void;
  engine: Pick<Engine, 'snapshot'>;
  loader: Pick<ModelLoader, 'load' | 'loading'>;
  /** Reads a file's header. Rejects with `EngineError`. */
  open: (path: string) => Promise<PlannedFile>;
  write: WriteSetting;
  uses: () => ModelUses;
}

/** What the list's commands do with a model of it. Failures are thrown; whoever runs a command shows them. */
export function modelActions(deps: ModelActionDeps) {
  const { refresh, write } = deps;
  return {
    refreshModels: () => refresh(),
    loadListedModel: async ({ path }) => {
      // A file that is no good leaves the settings as they are.
      await deps.open(path);
      await write('model.path', path);
      await deps.loader.load();
    },
    useForCompletions: (entry) => useForCompletions(entry, deps),
    useAsDraft: (entry) => useAsDraft(entry, deps),
    verifyModel: (entry) => verify(entry),
    revealModel: ({ path }) => reveal(path),
    deleteModel: (entry) => deleteAsked(entry, deps),
    copyModelPath: async ({ path }) => vscode.env.clipboard.writeText(path),
  } satisfies Record<ModelCommand, (entry: LibraryEntry) => unknown>;
}

async function useForCompletions(
  { path, name }: LibraryEntry,
  { open, write, engine }: ModelActionDeps,
): Promise<void> {
  const { t } = vscode.l10n;
  const { header } = await open(path);
  if (header.fim === undefined) {
    throw new UserError(
      t(
        '{0} cannot write ghost text: its vocabulary has no tokens for filling in. Models for code mostly have.',
        name,
      ),
    );
  }
  await write('completion.modelPath', path);
  const message = t('{0} writes ghost text from the next load on.', name);
  if (engine.snapshot.model === undefined) {
    announce(message);
    return;
  }
  const loadNow = t('Load Now');
  void vscode.window
    .showInformationMessage(message, loadNow)
    .then((choice) => choice && vscode.commands.executeCommand(commandIds.loadModel));
}

async function useAsDraft(entry: LibraryEntry, { open, write, uses }: ModelActionDeps): Promise<void> {
  const { t } = vscode.l10n;
  const { chat } = uses();
  if (chat === undefined) {
    throw new UserError(t('A draft model goes with a chat model. Choose a model to chat with first.'));
  }
  if (isCopyOf(entry, chat)) {
    throw new UserError(
      t('{0} is the chat model. A draft model has to be another, much smaller one.', entry.name),
    );
  }
  const reason = whyNoDraft(await open(entry.path), await open(chat), t);
  if (reason !== undefined)
    throw new UserError(t('{0} cannot draft for the chat model. {1}', entry.name, reason));
  await write('draft.modelPath', entry.path);
  announce(
    t(
      '{0} is kept as draft model. This version does not speculate yet: the choice waits in “layercake.draft.modelPath”.',
      entry.name,
    ),
  );
}

async function verify(entry: LibraryEntry): Promise<void> {
  const { t } = vscode.l10n;
  const result = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t('Verifying {0}', entry.name),
      cancellable: true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      try {
        return await verifyModel(
          entry,
          (fraction) => {
            const percent = Math.floor(fraction * 100);
            if (percent > shown) progress.report({ increment: percent - shown, message: `${percent} %` });
            shown = percent;
          },
          abort.signal,
        );
      } catch (error) {
        if (GgufError.is(error)) throw new EngineError({ reason: error.reason, detail: error.detail });
        throw error;
      }
    },
  );
  const words = describeVerification(entry, result, t);
  if (result.kind === 'different') throw new UserError(words);
  announce(words);
}

async function reveal(path: string): Promise<void> {
  const { t } = vscode.l10n;
  // The file manager would be that of another machine, or there is none.
  if (vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined) {
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(path));
    return;
  }
  const copy = t('Copy Path');
  const message = t('The editor cannot open a file manager on this machine. The model is {0}.', path);
  if ((await vscode.window.showInformationMessage(message, copy)) === copy)
    await vscode.env.clipboard.writeText(path);
}

async function deleteAsked(entry: LibraryEntry, deps: ModelActionDeps): Promise<void> {
  const { t } = vscode.l10n;
  const check = () => checkDeletable(entry, busyPath(deps), t);
  check();
  const own = ownCopies(entry);
  const others = entry.copies.length - own.length;
  const paths = own.flatMap(({ parts }) => parts).join('\n');
  const bytes = formatBytes(entry.sizeBytes * own.length);
  const title = t('Delete');
  const chosen = await vscode.window.showWarningMessage(
    t('Delete {0} ({1}) for good?', entry.name, bytes),
    {
      modal: true,
      detail:
        others === 0 ? paths : `${paths}\n\n${t('Copies that other programs keep stay where they are.')}`,
    },
    title,
  );
  if (chosen !== title) return;
  // Another window may have loaded it in the meantime.
  check();
  await deleteOwnCopies(entry);
  const { chat, completions, draft } = deps.uses();
  const gone = (path: string | undefined) => own.some((copy) => copy.path === path);
  if (gone(chat)) await deps.write('model.path', undefined);
  if (gone(completions)) await deps.write('completion.modelPath', undefined);
  if (gone(draft)) await deps.write('draft.modelPath', undefined);
  deps.refresh();
}

function busyPath({ engine, loader, uses }: ModelActionDeps): string | undefined {
  return loader.loading ? uses().chat : engine.snapshot.model?.path;
}

function announce(message: string): void {
  void vscode.window.showInformationMessage(message);
}
