import { createHash } from 'node:crypto';
import type { EngineSnapshot } from '../engineClient/engine';
import { Metadata } from '../gguf/metadata';
import type { LibraryEntry } from '../library/entry';
import type { Plan } from '../plan/plan';
import type { Logger } from '../log';
import type { PlannedFile } from '../planner/planner';
import type { LoadedModel, ToolCalling } from '../protocol/engine';
import type { Translate } from '../translate';
import { expectsCalls } from './expectedCalls';
import {
  agentPromptTokens,
  modelInformation,
  type ModelInformation,
  type OfferedModel,
} from './modelInformation';

export interface NativeModelsDeps {
  engine: { readonly snapshot: EngineSnapshot };
  /** Every model on the machine. */
  models: () => Promise<readonly LibraryEntry[]>;
  /** The plan of a file under the present settings, by formulas. */
  preview: (file: PlannedFile) => Promise<Plan>;
  /** Seconds that reading so many tokens takes, as measured last; undefined: it was not. */
  readSeconds: (modelPath: string, tokens: number) => number | undefined;
  /** Tokens of an answer, at most. */
  answerTokens: () => number;
  /** How models that were loaded once call tools, from one window to the next. */
  memory: ToolMemory;
  t: Translate;
  log: Logger;
  changed: () => void;
}

export interface ToolMemory {
  get: (key: string) => ToolCalling | undefined;
  set: (key: string, value: ToolCalling) => void;
}

/** So long a list is taken to hold before the disk is searched anew, ms. */
const freshMs = 30_000;

/** The models that other extensions and the editor's own chat may ask. Asking for the list loads none of them. */
export class NativeModels {
  #list: readonly ModelInformation[] | undefined;
  #reading: Promise<readonly ModelInformation[]> | undefined;
  #readAt = 0;
  #loaded: LoadedModel | undefined;

  constructor(private readonly deps: NativeModelsDeps) {}

  /** What is known; the first time after a search of the disk. A change of it is told. */
  async list(): Promise<readonly ModelInformation[]> {
    // What is loaded is never told wrongly.
    if (this.#list === undefined || this.#loaded !== this.deps.engine.snapshot.model)
      return await this.#read();
    if (Date.now() - this.#readAt > freshMs) this.#readAgain();
    return this.#list;
  }

  /** A model of the list. The editor may know it from an earlier window. */
  async find(id: string): Promise<ModelInformation | undefined> {
    return (await this.list()).find((model) => model.id === id);
  }

  /** To be called when the engine's state changes. */
  engineChanged(): void {
    const { model } = this.deps.engine.snapshot;
    if (this.#list === undefined || model === this.#loaded) return;
    this.#readAgain();
  }

  /** To be called when settings change that the list depends on. */
  settingsChanged(): void {
    if (this.#list === undefined) return;
    const again = () => this.#readAgain();
    // What is being read may have seen the settings as they were.
    if (this.#reading === undefined) again();
    else this.#reading.then(again, again);
  }

  #readAgain(): void {
    this.#read().catch((error: unknown) => this.deps.log.warn(`The list of models: ${String(error)}`));
  }

  #read(): Promise<readonly ModelInformation[]> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readNow(): Promise<readonly ModelInformation[]> {
    const { deps } = this;
    const entries = await deps.models();
    const { model: loaded } = deps.engine.snapshot;
    const isLoaded = ({ copies }: LibraryEntry) => copies.some(({ path }) => path === loaded?.path);
    const offered = await Promise.all(
      entries.filter((entry) => !isLoaded(entry)).map((entry) => this.#unloaded(entry)),
    );
    if (loaded !== undefined) offered.unshift(await this.#loadedOne(loaded, entries.find(isLoaded)));
    if (loaded !== deps.engine.snapshot.model) return await this.#readNow();
    if (loaded !== undefined) this.#remember(loaded);
    this.#loaded = loaded;
    const list = offered
      .filter((model) => model !== undefined)
      .map((model) => modelInformation(model, deps.answerTokens(), deps.t));
    const before = this.#list;
    this.#list = list;
    this.#readAt = Date.now();
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(list)) deps.changed();
    return list;
  }

  #remember(model: LoadedModel): void {
    const { memory } = this.deps;
    const key = keyOf(model);
    if (memory.get(key) !== model.toolCalling) memory.set(key, model.toolCalling);
  }

  async #loadedOne(model: LoadedModel, entry: LibraryEntry | undefined): Promise<OfferedModel> {
    const { path, architecture, quant, sizeBytes, contextSize, toolCalling } = model;
    const plan = entry?.file === undefined ? undefined : await this.deps.preview(entry.file);
    return {
      ...{ path, architecture, quant, sizeBytes, contextSize, toolCalling, isLoaded: true },
      // Loaded or not, by whichever of its copies, it is one model.
      id: idOf({ path: entry?.path ?? path, architecture, quant }),
      name: entry?.name ?? model.name,
      agentPrompt: this.#agentPrompt(path, plan),
    };
  }

  /** undefined where it cannot be used here. */
  async #unloaded({ file, name, path }: LibraryEntry): Promise<OfferedModel | undefined> {
    if (file === undefined) return undefined;
    const { architecture, quant, tensorBytes: sizeBytes, metadata } = file.header;
    const plan = await this.deps.preview(file);
    if (plan.verdict === 'doesNotFit') return undefined;
    const template = new Metadata(metadata).text('tokenizer.chat_template') ?? '';
    return {
      ...{ path, name, architecture, quant, sizeBytes, isLoaded: false },
      id: idOf({ path, architecture, quant }),
      contextSize: plan.config.contextSize,
      toolCalling:
        this.deps.memory.get(keyOf({ path, sizeBytes })) ?? (expectsCalls(template) ? 'template' : 'generic'),
      agentPrompt: this.#agentPrompt(path, plan),
    };
  }

  #agentPrompt(path: string, plan: Plan | undefined): OfferedModel['agentPrompt'] {
    const measured = this.deps.readSeconds(path, agentPromptTokens);
    if (measured !== undefined) return { seconds: measured, isMeasured: true };
    return plan && { seconds: agentPromptTokens / plan.rates.prefill, isMeasured: false };
  }
}

/** The editor keeps it as the choice of a person: the same for the same file. It says nothing of a person's folders. */
function idOf({ path, architecture, quant }: Pick<OfferedModel, 'path' | 'architecture' | 'quant'>): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return `${architecture}-${quant}-${hash}`;
}

function keyOf({ path, sizeBytes }: Pick<LoadedModel, 'path' | 'sizeBytes'>): string {
  return `${path} ${sizeBytes}`;
}
