import * as vscode from 'vscode';
import { RuntimeFinder } from './engineClient/runtime';
import { EngineSupervisor } from './engineClient/supervisor';
import type { Logger } from './log';
import { PackagedNode } from './models/packagedNode';
import { readSetting } from './settings';

/** The engine of this window. No process starts before a model is loaded. */
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
  return new EngineSupervisor({
    enginePath: path('dist', 'engine.mjs'),
    backend: () => readSetting('engine.backend'),
    findRuntime: () => finder.find(),
    logger,
  });
}
