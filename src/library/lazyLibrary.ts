import * as vscode from 'vscode';
import { viewIds } from '../contributions';
import type { ModelCommand } from './actions';
import type { LibraryPart, LibraryParts } from './createLibrary';
import type { LibraryEntry } from './entry';
import type { LibraryNode } from './libraryTree';

export interface LazyLibrary {
  /** Every model on this machine. Searches where that has not been done for some seconds. */
  entries: (anew?: boolean) => Promise<readonly LibraryEntry[]>;
  /** The same as far as it is known: headers may come later. */
  found: () => Promise<readonly LibraryEntry[]>;
  /** Looks anew, where the list has been asked for before. */
  refresh: () => void;
  handlers: Record<ModelCommand, (entry: unknown) => unknown>;
  dispose(): void;
}

/** The view and its commands; all behind them is loaded when the view is first seen or asked. */
export function lazyLibrary(parts: LibraryParts): LazyLibrary {
  const changed = new vscode.EventEmitter<undefined>();
  let loading: Promise<LibraryPart> | undefined;
  const load = () =>
    (loading ??= import('./createLibrary').then((module) =>
      module.createLibrary(parts, () => changed.fire(undefined)),
    ));
  const view = vscode.window.createTreeView<LibraryNode>(viewIds.models, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => (node === undefined ? (await load()).tree.children() : []),
      getTreeItem: async (node) => (await load()).tree.item(node),
    },
  });
  const refresh = () => void loading?.then((part) => part.refresh());
  const seen = view.onDidChangeVisibility(({ visible }) => {
    if (visible) refresh();
  });
  const action = (name: ModelCommand) => async (entry: unknown) =>
    // The list's own menus are the only ones that run these commands.
    (await load()).actions[name](entry as LibraryEntry);
  return {
    entries: async (anew) => (await load()).library.entries(anew),
    found: async () => (await load()).library.found(),
    refresh,
    handlers: {
      refreshModels: action('refreshModels'),
      loadListedModel: action('loadListedModel'),
      useForCompletions: action('useForCompletions'),
      useAsDraft: action('useAsDraft'),
      verifyModel: action('verifyModel'),
      revealModel: action('revealModel'),
      deleteModel: action('deleteModel'),
      copyModelPath: action('copyModelPath'),
    },
    dispose() {
      void loading?.then((part) => part.dispose());
      for (const each of [view, seen, changed]) each.dispose();
    },
  };
}
