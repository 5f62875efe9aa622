import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EditorPage } from '../support/editorPage';

let editor: EditorPage;
beforeAll(async () => {
  editor = await EditorPage.open();
  return () => editor.close();
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

describe('the packaged extension', () => {
  it('shows itself in the status bar', async () => {
    expect(await editor.statusBar.innerText()).toMatch(/\S/);
    await editor.screenshot('activation');
  });

  it('has its commands in the palette', async () => {
    await editor.command('Layercake: Open Chat');
  });

  it('logs no error', () => {
    expect(editor.errors.unexpected()).toEqual([]);
  });
});
