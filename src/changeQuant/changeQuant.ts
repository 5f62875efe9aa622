import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from '../engineClient/engine';
import { CancelledError, UserError } from '../errors';
import { createDownloadUi } from '../models/downloadUi';
import type { Quantize } from '../models/quantizeProcess';
import type { Plan } from '../plan/plan';
import type { PlannedFile } from '../planner/planner';
import { QuantizeError } from '../quantize/quantizeError';
import { isLossy, offerLevels, type LevelOffer, type LevelOffers } from './levelOffers';
import { pickLevel } from './levelPick';
import { describeLevelProgress, lossWarning } from './levelWords';
import { makeLevel } from './makeLevel';
import { quantizeFailure } from './quantizeFailure';
import { exists, freeName, targetFolders, targetName } from './targetFile';
import { threadsBeside } from './threadsBeside';
import type { Unfinished, WorkFolder } from './unfinished';

export interface ChangeQuantDeps {
  engine: Pick<Engine, 'snapshot'>;
  quantize: Quantize;
  /** Reads a file's header. Rejects with `EngineError` for one that is no good. */
  open: (modelPath: string) => Promise<PlannedFile>;
  preview: (file: PlannedFile) => Promise<Plan>;
  unfinished: Unfinished;
  /** Layercake's own folder of models, for what cannot be written beside its source. */
  ownFolder: () => string;
  /** Makes a file the model in use, and loads it. */
  load: (modelPath: string) => Promise<unknown>;
  /** Tells that there is another file. */
  onMade: () => void;
}

/** Makes a file at another quant level of a model at hand. One at a time. */
export class ChangeQuant {
  #running = false;

  constructor(private readonly deps: ChangeQuantDeps) {}

  /** Rejects with `UserError` or `EngineError`; cancelling anywhere is no failure. */
  async change(modelPath: string): Promise<void> {
    const { t } = vscode.l10n;
    if (this.#running) {
      throw new UserError(t('A quant is being made already. Wait until it is there, or cancel it.'));
    }
    const source = await this.deps.open(modelPath);
    const name = source.header.name ?? path.basename(modelPath);
    const offer = await pickLevel(name, source.header, (signal) => this.#offers(source, signal));
    if (offer === undefined || !(await agreesToLoss(source, offer))) return;
    this.#running = true;
    let made: string | undefined;
    try {
      made = await this.#make(source, offer);
    } catch (error) {
      if (!CancelledError.is(error)) throw error;
    } finally {
      this.#running = false;
    }
    if (made === undefined) return;
    this.deps.onMade();
    await this.#offer(made, path.dirname(made) !== path.dirname(modelPath));
  }

  async #offers(source: PlannedFile, signal: AbortSignal): Promise<LevelOffers> {
    const { t } = vscode.l10n;
    const { quantize, preview, ownFolder } = this.deps;
    const [folder] = targetFolders(source.path, ownFolder());
    const targetOf = (level: string) => path.join(folder, targetName(source, level));
    try {
      const offers = await offerLevels(source, { quantize, preview, targetOf }, signal);
      if (offers.offers.length > 0) return offers;
      throw new UserError(
        t('llama.cpp cannot quantise this model: {0}. Choose another file.', offers.refused[0]?.detail ?? ''),
      );
    } catch (error) {
      throw QuantizeError.is(error) ? new UserError(quantizeFailure(error, t)) : error;
    }
  }

  /** Where it is; undefined where the person left it. */
  async #make(source: PlannedFile, { header }: LevelOffer): Promise<string | undefined> {
    const { quantize, unfinished, engine } = this.deps;
    const { t } = vscode.l10n;
    const work = await this.#workFolder(source);
    try {
      const target = await askTarget(source, path.join(work.target, targetName(source, header.quant)));
      if (target === undefined) return undefined;
      const title = t('Making {0}', path.basename(target));
      const threads = threadsBeside(engine.snapshot.model !== undefined);
      await createDownloadUi().withProgress(title, (report, signal) =>
        makeLevel(
          { source, header, workFolder: work.path, target, threads },
          { quantize, t },
          (progress) => report(progress.fraction, describeLevelProgress(progress, t)),
          signal,
        ),
      );
      return target;
    } finally {
      await unfinished.end(work);
    }
  }

  async #workFolder(source: PlannedFile): Promise<WorkFolder> {
    const folders = targetFolders(source.path, this.deps.ownFolder());
    try {
      return await this.deps.unfinished.begin(folders);
    } catch (error) {
      throw new UserError(
        vscode.l10n.t(
          'Nothing can be written to {0} ({1}). Set "layercake.models.downloadFolder" to a folder that can be written to.',
          folders.at(-1) ?? '',
          error instanceof Error ? error.message : String(error),
        ),
      );
    }
  }

  async #offer(made: string, elsewhere: boolean): Promise<void> {
    const { t } = vscode.l10n;
    const load = t('Load it');
    const reveal = t('Reveal it');
    const name = path.basename(made);
    const message = elsewhere
      ? t('{0} is ready. It is in {1}.', name, path.dirname(made))
      : t('{0} is ready.', name);
    const choice = await vscode.window.showInformationMessage(message, load, reveal);
    if (choice === load) await this.deps.load(made);
    if (choice === reveal) {
      await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(made));
    }
  }
}

async function agreesToLoss({ header }: PlannedFile, offer: LevelOffer): Promise<boolean> {
  if (!isLossy(header.quant)) return true;
  const { t } = vscode.l10n;
  const { message, detail } = lossWarning(header, offer.header, t);
  const make = t('Make it');
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, make)) === make;
}

/** Asks where the name is taken. undefined: the person left it. */
async function askTarget(source: PlannedFile, target: string): Promise<string | undefined> {
  if (!(await exists(target))) return target;
  const { t } = vscode.l10n;
  const free = await freeName(target);
  const replace = t('Replace it');
  const other = t('Make {0}', path.basename(free));
  // What is being read cannot be replaced: nothing would be left to make it from.
  const isSource = path.resolve(target) === path.resolve(source.path);
  const choice = await vscode.window.showWarningMessage(
    t('{0} is there already.', path.basename(target)),
    { modal: true, detail: path.dirname(target) },
    ...(isSource ? [other] : [replace, other]),
  );
  if (choice === replace) return target;
  return choice === other ? free : undefined;
}
