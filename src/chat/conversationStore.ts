import * as fs from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Logger } from '../log';
import type { ConversationSummary } from '../protocol/webview';
import type { Conversation } from './conversation';
import { formatConversation, parseConversation } from './conversationFile';
import type { ChatWords } from './words';

/** How long a change may wait for the next one. Milliseconds. */
const saveDelay = 1000;
/** Conversations hold code: for their owner's eyes. */
const fileOptions = { mode: 0o600 };

export interface StoreOptions {
  /** Folder for the conversations; made when the first one is written. */
  folder: string;
  words: ChatWords;
  log: Logger;
  /** Told, in words, what went wrong with a file. */
  onProblem: (message: string) => void;
}

/**
 * The conversations on disk, one JSON file each, written beside and renamed. A file that cannot be read as one is
 * renamed and reported, so that nothing ever writes over it.
 */
export class ConversationStore {
  readonly #options: StoreOptions;
  readonly #summaries = new Map<string, ConversationSummary>();
  /** Newest state of what is not on disk yet. */
  readonly #dirty = new Map<string, Conversation>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #openWriting: Promise<void> = Promise.resolve();
  #loading: Promise<void> | undefined;
  #openId: string | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Reads the folder once, setting damaged files aside. Later calls wait for the first. */
  load(): Promise<void> {
    this.#loading ??= this.#readFolder();
    return this.#loading;
  }

  /** Newest first. Empty before `load`. */
  list(): ConversationSummary[] {
    return [...this.#summaries.values()].sort((a, b) => b.updated - a.updated);
  }

  /** The conversation that was open last. */
  get openId(): string | undefined {
    return this.#openId;
  }

  /** Remembers which conversation is open. A failure costs only that memory, and is logged. */
  async setOpen(id: string): Promise<void> {
    if (this.#openId === id) return;
    this.#openId = id;
    // One after the other: an older one must not come last.
    this.#openWriting = this.#openWriting.then(() => this.#writeOpen());
    await this.#openWriting;
  }

  /** One conversation in its newest state; undefined where there is none, or its file was just set aside. */
  async read(id: string): Promise<Conversation | undefined> {
    const unsaved = this.#dirty.get(id);
    if (unsaved !== undefined) return unsaved;
    return this.#summaries.has(id) ? this.#readFile(id) : undefined;
  }

  /** Keeps a conversation: on disk within a second, or at `flush`. */
  save(conversation: Conversation): void {
    this.#dirty.set(conversation.id, conversation);
    this.#summarize(conversation);
    // Not put off by each change: an answer that streams for minutes is on disk all the while.
    this.#timer ??= setTimeout(() => void this.flush(), saveDelay);
  }

  /** Writes what is not on disk yet. Never rejects: what could not be written is reported and tried again. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeDirty());
    return this.#writing;
  }

  /** Rejects where the file is there and cannot be taken away; the conversation then stays. */
  async delete(id: string): Promise<void> {
    const unsaved = this.#dirty.get(id);
    this.#dirty.delete(id);
    try {
      // A write that is under way would bring the file back.
      await this.#writing;
      await fs.rm(this.#file(id), { force: true });
      this.#summaries.delete(id);
    } catch (error) {
      if (unsaved !== undefined) this.save(unsaved);
      throw error;
    }
  }

  /** Writes the rest at once: nothing waits for a promise when the editor closes. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rest = [...this.#dirty.values()];
    this.#writeNow(rest);
    // A write that is under way holds an older state and ends later than this one.
    void Promise.all([this.#writing, this.#openWriting]).then(() => this.#writeNow(rest));
  }

  #writeNow(conversations: readonly Conversation[]): void {
    try {
      mkdirSync(this.#options.folder, { recursive: true });
      for (const conversation of conversations) {
        writeFileAtomic.sync(this.#file(conversation.id), formatConversation(conversation), fileOptions);
        this.#dirty.delete(conversation.id);
      }
      if (this.#openId !== undefined) writeFileAtomic.sync(this.#openFile, this.#openId, fileOptions);
    } catch (error) {
      this.#options.log.error(`conversations not written: ${messageOf(error)}`);
    }
  }

  async #writeDirty(): Promise<void> {
    for (const [id, conversation] of [...this.#dirty]) {
      try {
        await fs.mkdir(this.#options.folder, { recursive: true });
        // Deleted meanwhile.
        if (!this.#dirty.has(id)) continue;
        await writeFileAtomic(this.#file(id), formatConversation(conversation), fileOptions);
        if (this.#dirty.get(id) === conversation) this.#dirty.delete(id);
      } catch (error) {
        this.#options.log.error(`conversation ${id} not written: ${messageOf(error)}`);
        this.#options.onProblem(this.#options.words.saveFailed(conversation.title, messageOf(error)));
      }
    }
  }

  async #writeOpen(): Promise<void> {
    if (this.#openId === undefined) return;
    try {
      await fs.mkdir(this.#options.folder, { recursive: true });
      await writeFileAtomic(this.#openFile, this.#openId, fileOptions);
    } catch (error) {
      this.#options.log.warn(`open conversation not remembered: ${messageOf(error)}`);
    }
  }

  async #readFolder(): Promise<void> {
    const names = await fs.readdir(this.#options.folder).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') {
        this.#options.onProblem(this.#options.words.unreadableFile(this.#options.folder, messageOf(error)));
      }
      return [];
    });
    for (const name of names) {
      const id = /^([\w-]+)\.json$/.exec(name)?.[1];
      if (id === undefined) continue;
      const conversation = await this.#readFile(id);
      if (conversation !== undefined && !this.#summaries.has(id)) this.#summarize(conversation);
    }
    this.#openId ??= await this.#readOpen();
  }

  async #readFile(id: string): Promise<Conversation | undefined> {
    const { words, onProblem } = this.#options;
    const file = this.#file(id);
    let text: string;
    try {
      text = await fs.readFile(file, 'utf8');
    } catch (error) {
      onProblem(words.unreadableFile(path.basename(file), messageOf(error)));
      return undefined;
    }
    const parsed = parseConversation(text, id, words.interrupted);
    if (parsed.kind === 'conversation') return parsed.conversation;
    if (parsed.kind === 'newer') onProblem(words.newerFile(path.basename(file)));
    else await this.#setAside(file);
    return undefined;
  }

  async #setAside(file: string): Promise<void> {
    const aside = `${file}.damaged-${Date.now()}`;
    try {
      await fs.rename(file, aside);
      this.#options.onProblem(this.#options.words.damagedFile(path.basename(aside)));
    } catch (error) {
      this.#options.onProblem(this.#options.words.unreadableFile(path.basename(file), messageOf(error)));
    }
  }

  async #readOpen(): Promise<string | undefined> {
    try {
      return await fs.readFile(this.#openFile, 'utf8');
    } catch {
      return undefined;
    }
  }

  #summarize({ id, title, updated }: Conversation): void {
    this.#summaries.set(id, { id, title, updated });
  }

  #file(id: string): string {
    return path.join(this.#options.folder, `${id}.json`);
  }

  get #openFile(): string {
    return path.join(this.#options.folder, 'open');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
