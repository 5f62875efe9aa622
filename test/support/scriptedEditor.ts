import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EditorPage, type EditorOptions } from './editorPage';
import { writeScriptedModel, type Script } from './scriptedModel';

export interface ScriptedEditorOptions {
  scripts: readonly Script[];
  /** Tokens. */
  contextSize: number;
  files?: EditorOptions['files'];
  /** A git repository, with these files staged. */
  staged?: EditorOptions['staged'];
  /** User settings on top. */
  settings?: EditorOptions['settings'];
  /** With the tokens for filling in. */
  fim?: boolean;
}

/** An editor whose model is a scripted one, not loaded yet. The returned function closes it and removes the model. */
export async function openScriptedEditor({
  scripts,
  contextSize,
  files = {},
  staged,
  settings = {},
  fim = false,
}: ScriptedEditorOptions): Promise<{ editor: EditorPage; close: () => Promise<void> }> {
  const models = await mkdtemp(path.join(tmpdir(), 'lc-models-'));
  const model = path.join(models, 'scripted.gguf');
  // As costly as a small real model: a person could not stop what is there at once.
  await writeScriptedModel(model, {
    ...{ name: 'Scripted', shape: { blocks: 2, feedForward: 16_384 }, scripts, fim },
  });
  const editor = await EditorPage.open({
    settings: {
      'layercake.model.path': model,
      'layercake.load.contextSize': contextSize,
      'layercake.load.threads': 1,
      ...settings,
    },
    files,
    ...(staged && { staged }),
  });
  return {
    editor,
    close: async () => {
      await editor.close();
      await rm(models, { recursive: true, force: true });
    },
  };
}

/** A script that says every number up to the last: some tokens a number, to be stopped and to be killed in. */
export function countTo(last: number): string {
  return `Counting slowly: ${Array.from({ length: last }, (_, index) => `${index + 1},`).join(' ')} done.`;
}
