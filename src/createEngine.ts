import * as vscode from 'vscode';
import { RuntimeFinder } from './engineClient/runtime';
import { EngineSupervisor } from './engineClient/supervisor';
import type { Logger } from './log';
import { PackagedNode } from './models/packagedNode';
import { readSetting } from './settings';

/** The engine that this window shares with others. No process starts before a model is loaded. */
export function createEngine(context: vscode.ExtensionContext, logger: Logger): EngineSupervisor {
  const path = (...names: string[]) => vscode.Uri.joinPath(context.extensionUri, ...names).fsPath;
  const packagedNode = new PackagedNode({
    folder: context.globalStorageUri.fsPath,
    fetchPath: path('dist', 'fetch.mjs'),
    logger,
  });
  const finder = new RuntimeFinder({
    nodePath: () => readSetting('engine.nodePath'),
    editorPath: process.execPath,
    packagedNodePath: () => packagedNode.path,
    offerPackagedNode: () => packagedNode.offer(),
    logger,
  });
  const engine = new EngineSupervisor({
    enginePath: path('dist', 'engine.mjs'),
    backend: () => readSetting('engine.backend'),
    findRuntime: () => finder.find(),
    snapshotFolder: vscode.Uri.joinPath(context.globalStorageUri, 'states').fsPath,
    logger,
  });
  // Not while the editor waits for the extension.
  setImmediate(() => {
    engine
      .follow()
      .catch((error: unknown) => logger.warn(`Other windows' engine is not seen: ${String(error)}`));
  });
  return engine;
}
