/**
 * Every message between the extension and its pages. A page sends `ready` and gets a whole snapshot; later snapshots
 * replace it. Only the text of the running answer comes in pieces (`stream`).
 */
import type { EngineState, KvCacheType, LoadedModel, ModelOptions } from './engine';
import type { MentionKind } from './mentions';

/** What a page shows of the engine. */
export interface EngineView {
  state: EngineState;
  model: LoadedModel | undefined;
  /** Name to show where no model is loaded but one is set; undefined: nothing is configured. */
  configuredModel: string | undefined;
  /** With `failed`: the message in words, ready to show. */
  failure: string | undefined;
  /** It owes an answer, and nothing was heard of it for 30 s. */
  unresponsive?: boolean | undefined;
  /** It ended with its model, since nobody asked anything for so many minutes; what loading took then. */
  idleEnd?: { minutes: number; seconds: number } | undefined;
}

export type PageLanguage = 'en' | 'ar';

// ---------------------------------------------------------------- chat

export interface ChatSnapshot {
  kind: 'snapshot';
  engine: EngineView;
  conversation: ConversationView;
  conversations: ConversationSummary[];
  /** Chips of the message that is being written. */
  attachments: AttachmentView[];
  /** Set where the chips are more than what a message may take. */
  budget: BudgetView | undefined;
  /** Prompts that wait for the running answer, oldest first. */
  queue: { id: string; text: string }[];
  context: ContextView | undefined;
  /** Shown once above the conversation, e.g. that a damaged file was set aside. */
  notices: { id: string; text: string }[];
}

export interface ConversationSummary {
  id: string;
  title: string;
  /** Milliseconds since the epoch. */
  updated: number;
}

export interface ConversationView extends ConversationSummary {
  messages: MessageView[];
}

export type MessageView = UserMessageView | AnswerView;

export interface UserMessageView {
  role: 'user';
  id: string;
  text: string;
  attachments: AttachmentView[];
  /** True for the first message that the model still sees, where older ones have left the context. */
  memoryBegins?: { droppedTurns: number; rereadTokens: number; rereadSeconds: number | null };
}

export interface AnswerView {
  role: 'assistant';
  id: string;
  text: string;
  thought: string;
  thoughtSeconds: number | null;
  status: AnswerStatus;
  stats: AnswerStats | undefined;
}

export type AnswerStatus =
  /** For the model, or in the queue: then with the number of requests before it. */
  | { kind: 'waiting'; ahead?: number }
  | {
      kind: 'reading';
      done: number;
      total: number;
      reused: number;
      tokensPerSecond: number;
      secondsLeft: number | null;
    }
  | { kind: 'streaming'; tokensPerSecond: number }
  /** In mid-answer, or while its prompt is read: a shorter request came between. */
  | { kind: 'paused' }
  /** Stop was pressed; the engine has not answered yet. */
  | { kind: 'stopping' }
  | { kind: 'done'; stopReason: 'end' | 'maxTokens' | 'contextFull' | 'cancelled' }
  | { kind: 'failed'; message: string; action: FailureAction | undefined };

export type FailureAction = 'retry' | 'openSettings' | 'chooseModel' | 'showLog';

/** All measured. */
export interface AnswerStats {
  tokens: number;
  tokensPerSecond: number | null;
  firstTokenSeconds: number | null;
  promptTokens: number;
  reusedTokens: number;
}

export interface AttachmentView {
  id: string;
  /** e.g. "queue.ts:12–48" */
  label: string;
  /** Workspace-relative path, for the tooltip. */
  path: string;
  /** undefined: not counted yet. */
  tokens: number | undefined;
  /** By its length alone, while no model is loaded that could count. */
  estimated?: boolean;
  /** Tokens before parts were left out; absent: nothing was. */
  wholeTokens?: number;
  /** Estimated prefill time on this machine; undefined until a prompt was measured. */
  seconds: number | undefined;
}

/** Chips that exceed the budget; tokens of them, seconds of reading them (estimated). */
export interface BudgetView {
  tokens: number;
  seconds: number | undefined;
  /** What is sent of them at most. */
  limitTokens: number;
  limitSeconds: number | undefined;
  /** The person wants all of it sent. */
  whole: boolean;
}

export interface ContextView {
  usedTokens: number;
  totalTokens: number;
  /** Share of AGENTS.md, 0 where it is not sent. */
  agentsTokens: number;
}

/** From the page to the extension. */
export type ChatCommand =
  | { kind: 'ready' }
  | { kind: 'send'; text: string }
  | { kind: 'stop' }
  | { kind: 'retry'; answerId: string }
  | { kind: 'editAndResend'; messageId: string; text: string }
  | { kind: 'removeAttachment'; id: string }
  | { kind: 'attachSelection' }
  /** Asks what completes a name; `completions` with the same number follows. */
  | { kind: 'complete'; request: number; typed: string }
  /** Adds chips for what a text names, e.g. "@file:src/queue.ts". */
  | { kind: 'mention'; text: string }
  /** Whether chips that exceed the budget are sent whole, this time. */
  | { kind: 'sendWhole'; whole: boolean }
  | { kind: 'removeQueued'; id: string }
  | { kind: 'dismissNotice'; id: string }
  | { kind: 'newConversation' }
  | { kind: 'openConversation'; id: string }
  | { kind: 'renameConversation'; id: string; title: string }
  | { kind: 'deleteConversation'; id: string }
  | { kind: 'exportConversation'; id: string }
  | { kind: 'code'; action: 'copy' | 'insert' | 'apply' | 'newFile'; code: string; language: string }
  | { kind: 'chooseModel' }
  /** Makes a model that was offered the one in use, and loads it. */
  | { kind: 'useModel'; path: string }
  /** Of a repository that was offered; without one: all that there is to get. */
  | { kind: 'getModel'; repository?: string | undefined }
  | { kind: 'testEngine' }
  | { kind: 'loadModel' }
  | { kind: 'restartEngine' }
  | { kind: 'openSettings' }
  | { kind: 'showLog' }
  | { kind: 'openLink'; href: string };

/** From the extension to the page. */
export type ChatEvent =
  | ChatSnapshot
  /** A piece of the running answer, and its state. Offsets let a page that missed one ask for a snapshot (`ready`). */
  | {
      kind: 'stream';
      answerId: string;
      /** Length of `text` / `thought` before this piece. */
      textOffset: number;
      text: string;
      thoughtOffset: number;
      thought: string;
      status: AnswerStatus;
    }
  | { kind: 'engine'; engine: EngineView }
  /** What to begin with where no model is configured. */
  | { kind: 'offers'; offers: ModelOffers }
  | { kind: 'completions'; request: number; offers: ComposerOffer[] }
  /** Moves the focus to the input, optionally with a text to start from. */
  | { kind: 'focusInput'; text: string | undefined };

/** One line of the completion in the input. */
export interface ComposerOffer {
  /** What replaces the typed text. One that ends in ":" goes on to names. */
  insert: string;
  label: string;
  detail: string;
  kind: OfferKind;
}

export type OfferKind = MentionKind | 'prompt';

/** Models to begin with, the best first; a few of each. */
export interface ModelOffers {
  /** On this machine; `id` is the file's path. */
  here: ModelOffer[];
  /** To get; `id` is the repository. */
  suggested: ModelOffer[];
}

export interface ModelOffer {
  id: string;
  name: string;
  /** Size, verdict, layers and rate in one line, ready to show; what is estimated says so. */
  plan: string;
}

// ---------------------------------------------------------------- settings page

/** The values that the page edits; null: solved by the plan. */
export interface LoadForm extends Omit<
  ModelOptions,
  'batchSize' | 'kvCacheType' | 'prefillThreads' | 'sequences'
> {
  batchSize: number | null;
  kvCacheType: KvCacheType | null;
  sequences: number | null;
  /** GiB of VRAM that all of it may take; null: what is free. */
  vramBudget: number | null;
}

export interface ModelFileView {
  path: string;
  name: string;
  quant: string;
  sizeBytes: number;
  /** Blocks + 1 for the output. */
  totalLayers: number;
  trainContextSize: number;
  architecture: string;
}

export interface SettingsSnapshot {
  kind: 'snapshot';
  engine: EngineView;
  /** What the settings say now. */
  saved: LoadForm;
  /** Header of the file at `saved.modelPath`, or of one just chosen; undefined: none, or unreadable (`fileProblem`). */
  file: ModelFileView | undefined;
  fileProblem: string | undefined;
  /** Files of the same model at hand, by size: the quant levels to choose from. */
  quants: ModelFileView[];
  hardware: HardwareView;
  /** Whether the values belong to this file alone (`load.perModel`) or to all files. */
  perModel: boolean;
  /** Set while Apply runs; `measuring`: the machine, once, before its first load. */
  applying: { fraction: number; measuring: boolean } | undefined;
  /** Set while the machine's rates are measured. */
  calibrating: { fraction: number } | undefined;
  /** Why the last Apply, or the last measurement, failed. */
  applyProblem: string | undefined;
}

/** What a plan's bytes are for. `checkpoints`: copies of the state to go back to. `residual`: what the driver takes besides, learned on this machine. */
export type PlanCategory =
  'weights' | 'experts' | 'kv' | 'checkpoints' | 'compute' | 'draft' | 'completion' | 'residual';

/** A place of the plan's bytes. */
export interface PlanPlaceView {
  totalBytes: number;
  /** The plan's own. */
  bytes: Record<PlanCategory, number>;
  /** What other programs hold. */
  otherBytes: number;
}

/** layers: that would leave the GPU; slowdown: share of the typical request's time; bytes: of a second KV cache. */
export type OneSequenceView =
  { kind: 'layers'; layers: number } | { kind: 'time'; slowdown: number } | { kind: 'memory'; bytes: number };

/** A plan as the page shows it: every rate in it is estimated. */
export interface PlanView {
  gpuLayers: number;
  totalLayers: number;
  contextSize: number;
  batchSize: number;
  kvCacheType: KvCacheType;
  flashAttention: boolean;
  mmap: boolean;
  sequences: number;
  threads: number;
  verdict: 'fits' | 'tight' | 'pagesFromDisk' | 'doesNotFit';
  /** One sentence, ready to show. */
  reason: string;
  /** undefined without a GPU. */
  vram: (PlanPlaceView & { name: string; budgetBytes: number }) | undefined;
  ram: PlanPlaceView;
  /** tok/s with an empty context. */
  decode: number;
  prefill: number;
  /** Seconds of the typical request. */
  requestSeconds: number;
  /** tok/s of the last answers under this very plan; undefined where there were none. */
  measuredDecode: number | undefined;
  /** What one more layer would take of VRAM, and by how much it would exceed the budget; undefined: there is none. */
  nextLayer: { bytes: number; overBytes: number } | undefined;
  /** What a second sequence would cost; undefined: there is one, or a pin decided. */
  oneSequence: OneSequenceView | undefined;
  /** Sentences about what would help, best first. */
  advice: string[];
  /** Whether the bytes are llama.cpp's own arithmetic; else formulas, until that has come. */
  simulated: boolean;
  /** Whether the rates rest on a calibration of this machine. */
  calibrated: boolean;
}

/** A quant level under the same budget. */
export interface QuantPlanView {
  level: string;
  /** undefined: not on this machine. */
  path: string | undefined;
  /** Of the file; of one that is not at hand by llama.cpp's dry run. */
  sizeBytes: number;
  gpuLayers: number;
  /** tok/s, estimated. */
  decode: number;
  fits: boolean;
  /** Published, percent; undefined: no figure. */
  perplexityIncrease: number | undefined;
  mmlu: number | undefined;
  suggested: boolean;
}

/** Who measured what a level costs, and on which model. */
export interface QualitySource {
  model: string;
  source: string;
}

export interface QuantAdviceView {
  /** Smallest first. */
  rows: QuantPlanView[];
  /** Which level to take, and why: ready to show; undefined: none fits. */
  recommendation: string | undefined;
  perplexity: QualitySource;
  mmlu: QualitySource;
}

export interface HardwareView {
  gpus: { name: string; totalBytes: number; usedBytes: number | undefined; source: string }[];
  ramTotalBytes: number;
  ramAvailableBytes: number;
  physicalCores: number | undefined;
}

export type SettingsCommand =
  | { kind: 'ready' }
  | { kind: 'browse' }
  | { kind: 'inspect'; path: string }
  | { kind: 'apply'; form: LoadForm; perModel: boolean }
  | { kind: 'cancelApply' }
  /** Asks for the plan of a form that is not saved; `planned` follows at once, and again once simulated. */
  | { kind: 'plan'; form: LoadForm }
  /** Measures the machine's rates; the model is unloaded for it. */
  | { kind: 'calibrate' }
  | { kind: 'cancelCalibrate' }
  | { kind: 'testEngine' }
  | { kind: 'openSettingsJson' }
  | { kind: 'showLog' };

export type SettingsEvent = SettingsSnapshot | InspectedEvent | PlannedEvent;

/** The header of a file that `browse` or `inspect` named, with the quants beside it. */
export interface InspectedEvent {
  kind: 'inspected';
  path: string;
  file: ModelFileView | undefined;
  problem: string | undefined;
  quants: ModelFileView[];
}

/** The plan of the form that `plan` sent, of the saved one else; undefined: no file that could be planned for. */
export interface PlannedEvent {
  kind: 'planned';
  modelPath: string;
  plan: PlanView | undefined;
  /** undefined: not known yet. */
  quants: QuantAdviceView | undefined;
  /** Whether llama.cpp's own arithmetic is still to come. */
  checking: boolean;
}
