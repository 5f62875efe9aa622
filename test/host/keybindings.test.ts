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

interface ManifestKey {
  key?: string;
  mac?: string;
  linux?: string;
  win?: string;
}

/** Of all built-in extensions, also of those that these tests run without. */
async function builtInKeys(): Promise<string[]> {
  const folder = vscode.Uri.file(`${vscode.env.appRoot}/extensions`);
  const names = await vscode.workspace.fs.readDirectory(folder);
  const keys = await Promise.all(
    names.map(async ([name]) => {
      const file = vscode.Uri.joinPath(folder, name, 'package.json');
      const bytes = await Promise.resolve(vscode.workspace.fs.readFile(file)).catch(() => undefined);
      if (bytes === undefined) return [];
      const manifest = JSON.parse(new TextDecoder().decode(bytes)) as {
        contributes?: { keybindings?: ManifestKey[] | ManifestKey };
      };
      return [manifest.contributes?.keybindings ?? []].flat();
    }),
  );
  return keys
    .flat()
    .flatMap(({ key, mac, linux, win }) => [key, mac, linux, win].flatMap((one) => one ?? []));
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

  it('have one for inline chat that nothing else has', async () => {
    const chord = process.platform === 'darwin' ? 'cmd+k cmd+y' : 'ctrl+k ctrl+y';
    const bindings = (await defaultKeybindings()).filter(({ key }) => key === chord);
    assert.deepEqual([...new Set(bindings.map(({ command }) => command))], ['layercake.inlineChat']);
  });

  it('are none that a built-in extension has, on any platform', async () => {
    const keys = (await builtInKeys()).map((key) => key.toLowerCase().replaceAll('cmd', 'ctrl'));
    assert.ok(keys.length > 10, `Only ${keys.length} keys of built-in extensions were found.`);
    for (const chord of ['ctrl+k ctrl+g', 'ctrl+k ctrl+y', 'ctrl+k ctrl+z'])
      assert.ok(!keys.includes(chord), chord);
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
