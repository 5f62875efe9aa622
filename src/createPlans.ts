import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Engine } from './engineClient/engine';
import { readGgufHeader } from './gguf/readHeader';
import { Planner, type PlannedFile } from './planner/planner';
import type { Calibration } from './protocol/engine';
import { readSetting } from './settings';
import { PlannerSource } from './settingsPage/plannerSource';

/** Plans for this window's pages, by its engine. */
export function createPlans(engine: Engine): PlannerSource {
  let calibration: Calibration | undefined;
  return new PlannerSource({
    engine,
    planner: new Planner((params, signal) => engine.simulate(params, signal)),
    open: headerReader(),
    typical: () => ({
      promptTokens: readSetting('plan.promptTokens'),
      answerTokens: readSetting('plan.answerTokens'),
    }),
    learned: () => (calibration ? { calibration } : {}),
    keepCalibration: (measured) => {
      calibration = measured;
    },
    t: vscode.l10n.t,
  });
}

/** Reads headers, each once while its file stays as it is. */
function headerReader(): (path: string) => Promise<PlannedFile> {
  const known = new Map<string, PlannedFile>();
  return async (path) => {
    const { size, mtimeMs } = await stat(path);
    const identity = createHash('sha256').update(`${path}\n${size}\n${mtimeMs}`).digest('hex');
    const before = known.get(path);
    if (before?.identity === identity) return before;
    const file = { path, identity, header: await readGgufHeader(path) };
    known.set(path, file);
    return file;
  };
}
