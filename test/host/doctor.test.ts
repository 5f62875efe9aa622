import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds, doctorPageId } from '../../src/contributions';
import { activeExtension } from '../support/hostWorkspace';

/** The editor puts a prefix before a page's type. */
const doctorTabs = () =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(doctorPageId));

describe('doctor', () => {
  it('opens one page, without a model too', async () => {
    await activeExtension();
    await vscode.commands.executeCommand(commandIds.doctor);
    await vscode.commands.executeCommand(commandIds.doctor);
    const limit = Date.now() + 10_000;
    while (doctorTabs().length === 0 && Date.now() < limit) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(
      doctorTabs().map(({ label }) => label),
      ['Layercake Doctor'],
    );
    await vscode.window.tabGroups.close(doctorTabs());
  });
});
