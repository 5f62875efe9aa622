import type { ConversationSummary } from '../protocol/webview';
import type { Clock } from './clock';
import { newConversation, type Conversation } from './conversation';
import type { ConversationStore } from './conversationStore';

/** The conversations in memory, one of them open, and the store behind them. */
export class ConversationBook {
  readonly #store: ConversationStore;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #emptyTitle: string;
  readonly #live = new Map<string, Conversation>();
  #open: Conversation;

  constructor(store: ConversationStore, clock: Clock, newId: () => string, emptyTitle: string) {
    this.#store = store;
    this.#clock = clock;
    this.#newId = newId;
    this.#emptyTitle = emptyTitle;
    this.#open = this.#create();
  }

  /** Reads what is on disk, and opens the conversation that was open last where `reopen` says so. */
  async load(reopen: boolean): Promise<void> {
    await this.#store.load();
    const { openId } = this.#store;
    if (reopen && openId !== undefined && this.#open.messages.length === 0) await this.open(openId);
  }

  get current(): Conversation {
    return this.#open;
  }

  list(): ConversationSummary[] {
    return this.#store.list();
  }

  /** A conversation that is in memory. */
  get(id: string): Conversation | undefined {
    return this.#live.get(id);
  }

  /** A conversation from memory, or from disk into memory; undefined where there is none. */
  async read(id: string): Promise<Conversation | undefined> {
    const conversation = this.#live.get(id) ?? (await this.#store.read(id));
    if (conversation === undefined) return undefined;
    // Read twice at once, the first one stands: it may have changed since.
    const live = this.#live.get(id) ?? conversation;
    this.#live.set(id, live);
    return live;
  }

  /** Replaces a conversation in memory; one that was deleted meanwhile stays so. */
  put(conversation: Conversation, persist: boolean): void {
    const { id } = conversation;
    if (!this.#live.has(id)) return;
    this.#live.set(id, conversation);
    if (this.#open.id === id) this.#open = conversation;
    if (!persist || conversation.messages.length === 0) return;
    this.#store.save(conversation);
    if (this.#open.id === id) void this.#store.setOpen(id);
  }

  /** Opens a conversation; false where it cannot be read. */
  async open(id: string): Promise<boolean> {
    const conversation = await this.read(id);
    if (conversation === undefined) return false;
    this.#open = conversation;
    void this.#store.setOpen(id);
    return true;
  }

  /** Opens a new conversation; an empty one that is open already serves. */
  openNew(): void {
    if (this.#open.messages.length > 0) this.#open = this.#create();
  }

  /** Deletes a conversation; where it was open, the newest of the others opens. Rejects where the file stays. */
  async delete(id: string): Promise<void> {
    await this.#store.delete(id);
    this.#live.delete(id);
    if (this.#open.id !== id) return;
    this.#open = this.#create();
    const newest = this.list()[0];
    if (newest !== undefined) await this.open(newest.id);
  }

  flush(): Promise<void> {
    return this.#store.flush();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #create(): Conversation {
    const conversation = newConversation(this.#newId(), this.#emptyTitle, this.#clock.now());
    this.#live.set(conversation.id, conversation);
    return conversation;
  }
}
