import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { Engine } from '../engineClient/engine';
import { describeFailure } from '../errorMessages';
import { realSystem } from '../hardware/system';
import type { Logger } from '../log';
import type { ModelLoader } from '../models/modelLoader';
import type { WriteSetting } from '../models/saveLoadSettings';
import type { Plan } from '../plan/plan';
import type { PlannedFile } from '../planner/planner';
import type { RunningDownloads } from '../protocol/downloads';
import { onDidChangeSettings, readSetting } from '../settings';
import { modelActions, type ModelCommand } from './actions';
import type { LibraryEntry } from './entry';
import { Library } from './library';
import type { ModelUses } from './libraryRow';
import { LibraryTree } from './libraryTree';
import { findPlaces } from './places';

export interface LibraryParts {
  engine: Pick<Engine, 'snapshot' | 'onDidChange'>;
  loader: Pick<ModelLoader, 'load' | 'loading' | 'configuredPath'>;
  /** Folders that downloads go to, and went to. */
  ownFolders: () => string[];
  /** Reads a file's header. Rejects with `GgufError`. */
  read: (path: string) => Promise<PlannedFile>;
  /** The same. Rejects with `EngineError`. */
  open: (path: string) => Promise<PlannedFile>;
  preview: (file: PlannedFile) => Promise<Plan>;
  write: WriteSetting;
  downloads?: RunningDownloads | undefined;
  log: Logger;
}

export interface LibraryPart {
  library: Library;
  tree: LibraryTree;
  /** Looks anew, and plans anew. */
  refresh: () => void;
  actions: Record<ModelCommand, (entry: LibraryEntry) => unknown>;
  dispose(): void;
}

/** Settings that move places, and those that plans and marks depend on. */
const placeSettings = ['models.folders', 'models.downloadFolder', 'model.path'] as const;
const rowSettings = [
  ...(['completion.modelPath', 'draft.modelPath', 'engine.backend'] as const),
  ...([
    'load.vramBudget',
    'load.gpuLayers',
    'load.contextSize',
    'load.batchSize',
    'load.kvCacheType',
  ] as const),
  ...(['load.flashAttention', 'load.sequences', 'load.mmap', 'load.perModel'] as const),
  ...(['plan.promptTokens', 'plan.answerTokens'] as const),
];
/** Changes that come together are shown together. Milliseconds. */
const pauseMs = 150;

/** @param onDidChange tells that rows have changed */
export function createLibrary(parts: LibraryParts, onDidChange: () => void): LibraryPart {
  const { engine, loader, read, preview, write, open, log } = parts;
  const library = new Library({
    places: () =>
      findPlaces(
        { own: parts.ownFolders(), folders: readSetting('models.folders'), inUse: loader.configuredPath() },
        { ...realSystem, env: process.env, home: homedir() },
      ),
    read,
    describe: (failure) => describeFailure(failure).message,
    ...{ log, t: vscode.l10n.t },
  });
  const uses = (): ModelUses => ({
    loaded: engine.snapshot.model,
    chat: loader.configuredPath(),
    completions: readSetting('completion.modelPath'),
    draft: readSetting('draft.modelPath'),
  });
  const tree = new LibraryTree({ library, downloads: parts.downloads, preview, uses });
  let timer: NodeJS.Timeout | undefined;
  const changed = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onDidChange();
    }, pauseMs);
  };
  const replan = () => {
    tree.forgetPlans();
    changed();
  };
  const refresh = () => {
    replan();
    library.refresh();
  };
  // What is loaded, and what the engine tells of the machine; not each step of an answer.
  let { model, info } = engine.snapshot;
  const listening = [
    library.onDidChange(changed),
    onDidChangeSettings(rowSettings, replan),
    onDidChangeSettings(placeSettings, refresh),
    engine.onDidChange((snapshot) => {
      if (snapshot.model !== model || snapshot.info !== info) replan();
      ({ model, info } = snapshot);
    }),
    ...(parts.downloads === undefined ? [] : [parts.downloads.onDidChange(changed)]),
  ];
  return {
    ...{ library, tree, refresh },
    actions: modelActions({ refresh, engine, loader, open, write, uses }),
    dispose() {
      clearTimeout(timer);
      for (const each of listening) each.dispose();
    },
  };
}
