import * as vscode from 'vscode';
import type { ModelAsker } from '../ask/modelAsker';
import type { PrefillRate } from '../ask/prefillRate';
import { thinkingOf, type ReadSetting } from '../chat/requestSettings';
import { askPerson } from '../context/askPermission';
import { ProjectFiles } from '../context/projectFiles';
import type { SettingKey } from '../contributions';
import type { AnswerReviews } from '../edit/answerReview';
import type { EditorTracker } from '../edit/editorTracker';
import type { Engine } from '../engineClient/engine';
import type { LibraryEntry } from '../library/entry';
import { subLogger, type Logger } from '../log';
import type { ModelReadiness } from '../models/modelReadiness';
import type { Plan } from '../plan/plan';
import type { PlannedFile } from '../planner/planner';
import { onDidChangeSettings } from '../settings';
import { askToLoad } from './askToLoad';
import { NamedCode } from './namedCode';
import { NativeModels } from './nativeModels';
import { NativeProvider } from './nativeProvider';
import { Participant } from './participant';
import { RunningRequests } from './runningRequests';
import { toolMemory } from './toolMemory';

export interface NativeChatParts {
  context: Pick<vscode.ExtensionContext, 'globalState' | 'extensionUri'>;
  engine: Engine;
  readiness: ModelReadiness;
  asker: ModelAsker;
  rate: PrefillRate;
  read: ReadSetting;
  editors: EditorTracker;
  answers: AnswerReviews;
  models: () => Promise<readonly LibraryEntry[]>;
  preview: (file: PlannedFile) => Promise<Plan>;
  loadFile: (modelPath: string, signal?: AbortSignal) => Promise<void>;
  log: Logger;
}

export interface NativeChat {
  provider: NativeProvider;
  participant: Participant;
  /** Stops what others asked; false where nothing runs. */
  stop: () => boolean;
  dispose: () => void;
}

/** What the list of models, and what is said of them, depends on. */
const listSettings: readonly SettingKey[] = [
  'model.path',
  'models.folders',
  'models.downloadFolder',
  'load.contextSize',
  'load.vramBudget',
  'load.perModel',
  'sampling.maxTokens',
];

/** @param changed to be called when the list of models has changed */
export function createNativeChat(parts: NativeChatParts, changed: () => void): NativeChat {
  const { context, engine, rate, read } = parts;
  const log = subLogger(parts.log, 'native chat');
  const running = new RunningRequests();
  const models = new NativeModels({
    ...{ engine, models: parts.models, preview: parts.preview, log, changed, t: vscode.l10n.t },
    memory: toolMemory(context.globalState),
    readSeconds: (path, tokens) => rate.measuredSeconds(path, tokens),
    answerTokens: () => read('sampling.maxTokens'),
  });
  const subscriptions = [
    engine.onDidChange(() => models.engineChanged()),
    onDidChangeSettings(listSettings, () => models.settingsChanged()),
  ];
  return {
    provider: new NativeProvider({
      ...{ models, running, engine, asker: parts.asker, readiness: parts.readiness },
      ...{ loadFile: parts.loadFile, askToLoad },
      thinking: () => thinkingOf(read),
    }),
    participant: new Participant({
      ...{ ...parts, running, log },
      named: new NamedCode(new ProjectFiles(), askPerson),
    }),
    stop: () => running.stop(),
    dispose: () => void vscode.Disposable.from(...subscriptions).dispose(),
  };
}
