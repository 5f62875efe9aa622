import * as v from 'valibot';
import * as vscode from 'vscode';
import { UserError } from '../errors';
import { ChangeQuant, type ChangeQuantDeps } from './changeQuant';
import type { Memory } from './rememberedFolders';
import { Unfinished } from './unfinished';

export interface ChangeQuantParts extends Omit<ChangeQuantDeps, 'unfinished'> {
  memory: Memory;
  configuredPath: () => string | undefined;
}

/** What lists hand over: an entry of the library. */
const entry = v.object({ path: v.string() });

export interface ChangeQuantCommand {
  /** Of the entry that a list hands over, else of the model that is loaded or configured. */
  run: (of: unknown) => Promise<void>;
  /** Removes what a crash left behind. */
  clean: () => Promise<void>;
}

export function registerChangeQuant({
  memory,
  configuredPath,
  ...deps
}: ChangeQuantParts): ChangeQuantCommand {
  const unfinished = new Unfinished(memory);
  const changer = new ChangeQuant({ ...deps, unfinished });
  return {
    clean: () => unfinished.removeAbandoned(),
    run: async (of) => {
      const path = v.is(entry, of) ? of.path : (deps.engine.snapshot.model?.path ?? configuredPath());
      if (path === undefined) {
        throw new UserError(vscode.l10n.t('No model is chosen yet. Choose a GGUF file first.'));
      }
      await changer.change(path);
    },
  };
}
