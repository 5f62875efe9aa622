/**
 * Every id that the manifest contributes, typed once. A test holds this file, package.json and package.nls.json
 * to each other.
 */
import type { BackendChoice, FlashAttention, KvCacheType } from './protocol/engine';
import type { LoadForm } from './protocol/webview';

export const commandIds = {
  showControls: 'layercake.showControls',
  chooseModel: 'layercake.chooseModel',
  loadModel: 'layercake.loadModel',
  unloadModel: 'layercake.unloadModel',
  restartEngine: 'layercake.restartEngine',
  testEngine: 'layercake.testEngine',
  setGpuLayers: 'layercake.setGpuLayers',
  setContextSize: 'layercake.setContextSize',
  showPlan: 'layercake.showPlan',
  changeQuant: 'layercake.changeQuant',
  stop: 'layercake.stop',
  openSettings: 'layercake.openSettings',
  doctor: 'layercake.doctor',
  calibrate: 'layercake.calibrate',
  showLog: 'layercake.showLog',

  refreshModels: 'layercake.models.refresh',
  loadListedModel: 'layercake.models.load',
  useForCompletions: 'layercake.models.useForCompletions',
  useAsDraft: 'layercake.models.useAsDraft',
  verifyModel: 'layercake.models.verify',
  revealModel: 'layercake.models.reveal',
  deleteModel: 'layercake.models.delete',
  copyModelPath: 'layercake.models.copyPath',

  getModel: 'layercake.getModel',
  pauseDownload: 'layercake.models.pauseDownload',
  resumeDownload: 'layercake.models.resumeDownload',
  cancelDownload: 'layercake.models.cancelDownload',

  openChat: 'layercake.openChat',
  newConversation: 'layercake.newConversation',
  showHistory: 'layercake.showHistory',
  renameConversation: 'layercake.renameConversation',
  deleteConversation: 'layercake.deleteConversation',
  exportConversation: 'layercake.exportConversation',
  attachSelection: 'layercake.attachSelection',

  askAboutSelection: 'layercake.askAboutSelection',
  explain: 'layercake.explain',
  fix: 'layercake.fix',
  refactor: 'layercake.refactor',
  writeTests: 'layercake.writeTests',
  document: 'layercake.document',
  editWithInstruction: 'layercake.editWithInstruction',

  inlineChat: 'layercake.inlineChat',
  inlineSend: 'layercake.inlineChat.send',
  inlineStop: 'layercake.inlineChat.stop',
  inlineAccept: 'layercake.inlineChat.accept',
  inlineShowDiff: 'layercake.inlineChat.showDiff',
  inlineDiscard: 'layercake.inlineChat.discard',
  inlineCopy: 'layercake.inlineChat.copy',
  inlineOpenInChat: 'layercake.inlineChat.openInChat',
  inlineLeave: 'layercake.inlineChat.leave',

  toggleGhostText: 'layercake.toggleGhostText',
  triggerGhostText: 'layercake.triggerGhostText',

  explainTerminalFailure: 'layercake.explainTerminalFailure',
  writeCommitMessage: 'layercake.writeCommitMessage',
  stopCommitMessage: 'layercake.stopCommitMessage',
  fixProblem: 'layercake.fixProblem',
  explainProblem: 'layercake.explainProblem',
  runPrompt: 'layercake.runPrompt',

  acceptHunk: 'layercake.review.acceptHunk',
  rejectHunk: 'layercake.review.rejectHunk',
  acceptAll: 'layercake.review.acceptAll',
  rejectAll: 'layercake.review.rejectAll',
  nextHunk: 'layercake.review.nextHunk',
  previousHunk: 'layercake.review.previousHunk',
  acceptFiles: 'layercake.review.acceptFiles',
  rejectFiles: 'layercake.review.rejectFiles',
  nextFile: 'layercake.review.nextFile',
  showFiles: 'layercake.review.showFiles',

  reviewAnswer: 'layercake.reviewAnswer',
} as const;
export type CommandName = keyof typeof commandIds;
export type CommandId = (typeof commandIds)[CommandName];

export const viewIds = {
  container: 'layercake',
  chat: 'layercake.chat',
  models: 'layercake.models',
} as const;
export const settingsPageId = 'layercake.settingsPage';
export const doctorPageId = 'layercake.doctorPage';
export const reviewScheme = 'layercake-review';
/** Of the models in VS Code's own chat. */
export const vendorId = 'layercake';
export const participantId = 'layercake.participant';
/** The comment controller of inline chat: also the authority of its inputs' documents. */
export const inlineChatId = 'layercake-inline';

export const contextKeys = {
  /** `EngineState['kind']` */
  engineState: 'layercake.engineState',
  modelLoaded: 'layercake.modelLoaded',
  /** A request or a load is running. */
  busy: 'layercake.busy',
  /** The active editor shows a review with hunks left. */
  reviewActive: 'layercake.reviewActive',
  /** Changes to several files of one answer wait. */
  reviewOfFiles: 'layercake.reviewOfFiles',
  /** A thread of inline chat is open in some editor. */
  inlineChatOpen: 'layercake.inlineChatOpen',
  /** The thread that was used last has an answer that changes code. */
  inlineChatEdit: 'layercake.inlineChatEdit',
  /** VS Code's git extension runs beside this one. */
  gitReachable: 'layercake.gitReachable',
  writingCommitMessage: 'layercake.writingCommitMessage',
} as const;

/** `layercake.<key>`: value type. Defaults stand beside it and equal the manifest's. */
export interface SettingTypes {
  'engine.nodePath': string;
  'engine.backend': BackendChoice;
  'engine.idleUnloadMinutes': number;
  'engine.idleUnloadMinutesOnBattery': number;
  'engine.savedStatesGiB': number;
  'model.path': string;
  'models.folders': string[];
  'models.downloadFolder': string;
  'models.endpoint': string;
  'completion.modelPath': string;
  'completion.enabled': boolean;
  /** Seconds. */
  'completion.longestWait': number;
  'completion.maxTokens': number;
  'draft.modelPath': string;
  'load.vramBudget': number | null;
  'load.gpuLayers': number | null;
  'load.contextSize': number | null;
  'load.batchSize': number | null;
  'load.threads': number | null;
  'load.kvCacheType': KvCacheType | null;
  'load.flashAttention': FlashAttention;
  'load.sequences': number | null;
  'load.mmap': boolean;
  'load.mlock': boolean;
  'load.perModel': Record<string, PerModelLoadSettings>;
  'plan.promptTokens': number;
  'plan.answerTokens': number;
  'plan.calibrateAtFirstLoad': boolean;
  'sampling.temperature': number | null;
  'sampling.topK': number | null;
  'sampling.topP': number | null;
  'sampling.minP': number | null;
  'sampling.seed': number | null;
  'sampling.maxTokens': number;
  'chat.systemPrompt': string;
  'chat.thinking': ThinkingMode;
  'chat.thinkingBudget': number;
  'chat.useAgentsFile': boolean;
  'chat.notifyAfter': number;
  'context.budgetSeconds': number;
  codeLens: boolean;
  /** By name; each is checked where prompts are listed. */
  prompts: Record<string, unknown>;
  language: Language;
}
export type SettingKey = keyof SettingTypes;

/** What may be set for one model file: the last part of each `load.*` key. */
export type PerModelLoadSettings = Partial<Omit<LoadForm, 'modelPath'>>;

export type ThinkingMode = 'on' | 'off' | 'budget';
export const thinkingModes: readonly ThinkingMode[] = ['on', 'off', 'budget'];
export type Language = 'auto' | 'en' | 'ar';
export const languages: readonly Language[] = ['auto', 'en', 'ar'];

export const settingDefaults: { readonly [K in SettingKey]: SettingTypes[K] } = {
  'engine.nodePath': '',
  'engine.backend': 'auto',
  'engine.idleUnloadMinutes': 30,
  'engine.idleUnloadMinutesOnBattery': 5,
  'engine.savedStatesGiB': 8,
  'model.path': '',
  'models.folders': [],
  'models.downloadFolder': '',
  'models.endpoint': 'https://huggingface.co',
  'completion.modelPath': '',
  'completion.enabled': true,
  'completion.longestWait': 3,
  'completion.maxTokens': 160,
  'draft.modelPath': '',
  'load.vramBudget': null,
  'load.gpuLayers': null,
  'load.contextSize': null,
  'load.batchSize': null,
  'load.threads': null,
  'load.kvCacheType': null,
  'load.flashAttention': 'auto',
  'load.sequences': null,
  'load.mmap': true,
  'load.mlock': false,
  'load.perModel': {},
  'plan.promptTokens': 3000,
  'plan.answerTokens': 400,
  'plan.calibrateAtFirstLoad': true,
  'sampling.temperature': null,
  'sampling.topK': null,
  'sampling.topP': null,
  'sampling.minP': null,
  'sampling.seed': null,
  'sampling.maxTokens': 2048,
  'chat.systemPrompt': '',
  'chat.thinking': 'on',
  'chat.thinkingBudget': 1024,
  'chat.useAgentsFile': true,
  'chat.notifyAfter': 30,
  'context.budgetSeconds': 120,
  codeLens: false,
  prompts: {},
  language: 'auto',
};
