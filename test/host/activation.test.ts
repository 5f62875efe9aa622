import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions';
import type { ExtensionApi } from '../../src/extension';
import { activeExtension } from '../support/hostWorkspace';

describe('activation', () => {
  it('happens by itself, after the editor has started', async () => {
    const extension = vscode.extensions.getExtension('layercake.layercake');
    assert.ok(extension, 'The editor does not know the extension.');
    const limit = Date.now() + 20_000;
    while (!extension.isActive && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(extension.isActive);
  });

  it('takes less than 150 ms', async () => {
    const { activationMs } = (await activeExtension()).exports as ExtensionApi;
    console.log(`[suite] activate() took ${activationMs.toFixed(2)} ms`);
    assert.ok(activationMs < 150, `activate() took ${activationMs} ms`);
  });

  it('registers every command of the manifest', async () => {
    await activeExtension();
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      Object.values(commandIds).filter((id) => !registered.has(id)),
      [],
    );
  });
});
