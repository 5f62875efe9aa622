import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** The editor's own list of default keybindings, contributions of extensions included: JSON with comments. */
async function defaultKeybindings(): Promise<{ key: string; command: string }[]> {
  const document = await vscode.workspace.openTextDocument(
    vscode.Uri.parse('vscode://defaultsettings/keybindings.json'),
  );
  const lines = document.getText().split(/\r?\n/);
  const end = lines.findIndex((line) => line.startsWith(']'));
  const json = lines.slice(0, end + 1).filter((line) => !line.trimStart().startsWith('//'));
  return JSON.parse(json.join('\n')) as { key: string; command: string }[];
}

describe('keybindings', () => {
  it('leave the chord of ours to us alone', async () => {
    const chord = process.platform === 'darwin' ? 'cmd+k cmd+g' : 'ctrl+k ctrl+g';
    const bindings = await defaultKeybindings();
    const commands = bindings.filter(({ key }) => key === chord).map(({ command }) => command);
    assert.deepEqual(commands.sort(), ['layercake.askAboutSelection', 'layercake.openChat']);
    // The list is the whole one: its best known entry is in it.
    assert.ok(bindings.some(({ command }) => command === 'workbench.action.showCommands'));
  });

  it('have one for ghost text that nothing else has', async () => {
    const chord = process.platform === 'darwin' ? 'cmd+k cmd+z' : 'ctrl+k ctrl+z';
    const bindings = (await defaultKeybindings()).filter(({ key }) => key === chord);
    assert.deepEqual(
      bindings.map(({ command }) => command),
      ['layercake.triggerGhostText'],
    );
  });
});
