import * as vscode from 'vscode';
import {
  fetchNodeArguments,
  nodePackageExecutable,
  nodePackageFolder,
  nodePackageFor,
  type NodePackage,
} from '../engineClient/nodePackage';
import { CancelledError } from '../errors';
import type { Logger } from '../log';
import { createDownloadUi, editorProxy } from './downloadUi';
import { runFetch } from './fetchProcess';
import { describeProgress, downloadFailure } from './starter';

export interface PackagedNodeParts {
  /** The extension's storage; the package goes into a folder of its own in it. */
  folder: string;
  /** Path of `fetch.mjs`. */
  fetchPath: string;
  logger: Logger;
}

/** The Node.js that is fetched, with the person's consent, where the machine has none. */
export class PackagedNode {
  private readonly nodePackage: NodePackage | undefined = nodePackageFor(process.platform, process.arch);

  constructor(private readonly parts: PackagedNodeParts) {}

  /** Where the executable is once it was fetched; undefined where none is published for this platform. */
  get path(): string | undefined {
    if (this.nodePackage === undefined) return undefined;
    return nodePackageExecutable(nodePackageFolder(this.parts.folder, this.nodePackage), this.nodePackage);
  }

  /**
   * Asks, fetches, and returns the executable's path. undefined where the person declined or cancelled, where there
   * is no package for this platform, and after a failure, which is shown.
   */
  async offer(): Promise<string | undefined> {
    const { nodePackage } = this;
    if (nodePackage === undefined) return undefined;
    const ui = createDownloadUi();
    const { t } = vscode.l10n;
    const agreed = await ui.ask({
      message: t('Download Node.js to run the engine?'),
      detail: [
        t(
          'Layercake runs the model in a process of its own, so that a crash of it never takes the editor along. For that it needs Node.js 20 or newer, and found none on this machine.',
        ),
        t(
          'It can fetch Node.js {0} (npm package {1}, about 50 MB) from the registry of your npm settings, checked against a known hash, into its own storage. Without it, the editor’s own runtime is used.',
          nodePackage.version,
          nodePackage.name,
        ),
      ].join('\n\n'),
    });
    if (!agreed) return undefined;
    try {
      await ui.withProgress(t('Downloading Node.js {0}', nodePackage.version), (report, signal) =>
        runFetch({
          runtime: process.execPath,
          script: this.parts.fetchPath,
          arguments: fetchNodeArguments(nodePackageFolder(this.parts.folder, nodePackage), nodePackage),
          onMessage: (message) => {
            if (message.kind === 'progress') report(0, describeProgress(message, t));
          },
          signal,
          logger: this.parts.logger,
          proxy: editorProxy(),
        }),
      );
      return this.path;
    } catch (error) {
      this.show(downloadFailure(error, t));
      return undefined;
    }
  }

  private show(error: unknown): void {
    if (CancelledError.is(error)) return;
    this.parts.logger.error(error instanceof Error ? error : new Error(String(error)));
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}
