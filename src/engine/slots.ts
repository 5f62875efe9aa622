import type { RequestKind } from '../protocol/engine';
import type { LlamaSequence } from './llamaSequence';
import type { LlamaSession, Token } from './llamaSession';
import type { Boundary, SnapshotEntry } from './snapshotFile';
import type { Snapshots } from './snapshots';

/** Below this many tokens reading again costs less than a file. */
const worthSaving = 64;
/** A beginning shorter than this is read again in every conversation. */
const worthSharing = 256;

/** How many tokens of a conversation lie before each boundary of its last turn; 0: not known. */
type TurnBoundaries = Readonly<Record<Boundary, number>>;

const unknownBoundaries: TurnBoundaries = { turn: 0, answer: 0 };

/** One request's use of a sequence, from its first turn to its end. */
export interface Lease {
  readonly kind: RequestKind;
  readonly conversation?: string;
}

/** A sequence, and whose state is in it. */
interface Slot {
  readonly sequence: LlamaSequence;
  conversation: string | undefined;
  boundaries: TurnBoundaries;
  /** The state is on disk as it is. */
  saved: boolean;
  /** The request that runs on it or is paused. */
  holder: Lease | undefined;
}

/** What is left of a request whose sequence a more urgent one has. */
interface Parked {
  tokens: Token[];
  boundaries: TurnBoundaries;
  /** undefined where it could not be written: the tokens are read again then. */
  state: SnapshotEntry | undefined;
}

/**
 * Who has which of a model's sequences. A conversation that leaves its sequence is saved, and comes back by its
 * saved state; so does a request that was paused and whose sequence was needed by a more urgent one.
 */
export class Slots {
  private readonly slots: readonly Slot[];
  /** Paused requests that had to leave their sequence. */
  private readonly parked = new Map<Lease, Parked>();
  private readonly places = new Map<Lease, Slot>();
  /** Conversations that are never to be saved again. */
  private readonly forgotten = new Set<string>();

  constructor(
    session: LlamaSession,
    private readonly snapshots: Snapshots,
  ) {
    this.slots = session.sequences.map((sequence) => ({
      sequence,
      conversation: undefined,
      boundaries: unknownBoundaries,
      saved: true,
      holder: undefined,
    }));
  }

  /**
   * Gives a request the sequence from which it has to read least, with as much of its prompt in it as is known.
   * @param tokens of the prompt, but for the last
   */
  async enter(lease: Lease, tokens: readonly Token[]): Promise<LlamaSequence> {
    const slot = this.choose(lease, tokens);
    this.places.set(lease, slot);
    await this.leaveTo(slot, lease, tokens);
    // Where the state cannot be cut at any token this may be less than what it has in common with them.
    const live = await slot.sequence.keepPrefix([...tokens]);
    const best = this.snapshots.best(tokens, slot.sequence.needsCheckpoints);
    if (best !== undefined && best.common >= live + worthSaving) {
      slot.conversation = undefined;
      if (await this.snapshots.load(best.entry, slot.sequence)) slot.saved = true;
    }
    slot.holder = lease;
    slot.conversation = lease.conversation;
    slot.boundaries = unknownBoundaries;
    return slot.sequence;
  }

  /** Tells where in a request's prompt one can go back to. */
  setBoundaries(lease: Lease, boundaries: TurnBoundaries): void {
    const slot = this.places.get(lease);
    if (slot?.holder === lease) slot.boundaries = boundaries;
  }

  /** After a pause: brings a request's state back where another one took its sequence. */
  async back(lease: Lease): Promise<void> {
    const slot = this.places.get(lease);
    if (slot === undefined || slot.holder === lease) return;
    await this.leaveTo(slot, lease, []);
    const parked = this.parked.get(lease);
    if (parked === undefined) throw new Error('a request lost its sequence without being parked');
    const { tokens, boundaries, state } = parked;
    if (state === undefined || !(await this.snapshots.load(state, slot.sequence))) {
      const done = await slot.sequence.keepPrefix(tokens);
      await slot.sequence.evaluate(tokens.slice(done));
    }
    await this.unpark(lease);
    slot.holder = lease;
    slot.conversation = lease.conversation;
    slot.boundaries = boundaries;
  }

  /** Ends a request's use. What it read and said stays, for its conversation's next turn. */
  async leave(lease: Lease): Promise<void> {
    const slot = this.places.get(lease);
    this.places.delete(lease);
    if (slot?.holder === lease) {
      slot.holder = undefined;
      slot.saved = false;
    }
    await this.unpark(lease);
  }

  /** Keeps what a sequence holds now as the beginning of conversations to come, where that is worth it. */
  async share(sequence: LlamaSequence): Promise<void> {
    const { tokens } = sequence;
    if (tokens.length < worthSharing) return;
    const known = this.snapshots.best(tokens, true);
    if (known !== undefined && known.common === tokens.length) return;
    await this.snapshots.save(sequence);
  }

  /** Whether a conversation is not on disk as it is, or goes on. */
  get hasUnsaved(): boolean {
    return this.slots.some(({ conversation, holder, saved }) =>
      holder === undefined ? !saved && this.isKept(conversation) : this.isKept(holder.conversation),
    );
  }

  /** Saves every conversation that is not on disk as it is. */
  async saveAll(): Promise<void> {
    for (const slot of this.slots) if (slot.holder === undefined) await this.save(slot);
  }

  /** Saves every conversation before the sequences are freed. */
  async leaveAll(): Promise<void> {
    for (const slot of this.slots) if (slot.holder === undefined) await this.saveToLeave(slot);
  }

  /** From now on nothing of a conversation is saved, and its files are gone. */
  async disown(conversation: string): Promise<void> {
    this.forgotten.add(conversation);
    await this.snapshots.forget(conversation);
  }

  /** Clears the sequences of a conversation that was disowned. To be called in a turn of its own. */
  async clear(conversation: string): Promise<void> {
    for (const slot of this.slots) {
      if (slot.conversation !== conversation || slot.holder !== undefined) continue;
      slot.conversation = undefined;
      await slot.sequence.keepPrefix([]);
    }
    // One that was being written when it was disowned.
    await this.snapshots.forget(conversation);
  }

  /** After the limit for saved states has changed. */
  async evict(): Promise<void> {
    await this.snapshots.evict();
  }

  private choose({ kind, conversation }: Lease, tokens: readonly Token[]): Slot {
    const isShort = kind === 'ghost' || kind === 'inline';
    // The last one is for short requests, so that a long one can keep its own.
    const fitting =
      this.slots.length === 1 ? this.slots : isShort ? this.slots.slice(-1) : this.slots.slice(0, -1);
    const score = (slot: Slot) =>
      (slot.holder === undefined ? 1e9 : 0) +
      (conversation !== undefined && slot.conversation === conversation ? 1e8 : 0) +
      slot.sequence.commonPrefix(tokens);
    const [first, ...others] = fitting;
    if (first === undefined) throw new Error('the context has no sequence');
    return others.reduce((best, slot) => (score(slot) > score(best) ? slot : best), first);
  }

  /** Sees to it that nothing is lost of what a request finds in its slot. */
  private async leaveTo(slot: Slot, lease: Lease, tokens: readonly Token[]): Promise<void> {
    const { holder, sequence } = slot;
    if (holder !== undefined && holder !== lease) {
      const state = await this.snapshots.save(sequence, { conversation: holder.conversation }, true);
      this.parked.set(holder, { tokens: sequence.tokens, boundaries: slot.boundaries, state });
      slot.holder = undefined;
      slot.saved = true;
      await this.saveBoundaries(slot);
      return;
    }
    const isOther = slot.conversation === undefined || slot.conversation !== lease.conversation;
    // What only goes on from here loses nothing.
    if (isOther && sequence.commonPrefix(tokens) < sequence.length) await this.saveToLeave(slot);
  }

  private async save(slot: Slot): Promise<void> {
    const { conversation, sequence, saved } = slot;
    if (saved || !this.isKept(conversation) || sequence.length < worthSaving) return;
    await this.snapshots.save(sequence, { conversation });
    slot.saved = true;
  }

  private async saveToLeave(slot: Slot): Promise<void> {
    await this.save(slot);
    const whole = this.snapshots.of({ conversation: slot.conversation });
    if (whole !== undefined) this.snapshots.pin(whole);
    await this.saveBoundaries(slot);
    if (whole === undefined) return;
    this.snapshots.unpin(whole);
    await this.snapshots.evict();
  }

  /**
   * A saved state has no checkpoints: where it cannot be cut, those at the boundaries of the last turn are saved beside
   * it, for when that turn is edited, its answer is asked for again or is not kept as it was. The sequence goes back.
   */
  private async saveBoundaries({ conversation, sequence, boundaries }: Slot): Promise<void> {
    if (!sequence.needsCheckpoints || !this.isKept(conversation)) return;
    for (const boundary of ['answer', 'turn'] as const) {
      const at = boundaries[boundary];
      if (at < worthSaving || at >= sequence.length) continue;
      const tokens = sequence.tokens.slice(0, at);
      if (this.snapshots.best(tokens, true)?.common === at) continue;
      if ((await sequence.keepPrefix(tokens)) < at) return;
      await this.snapshots.save(sequence, { conversation, boundary });
    }
  }

  /** A state that belongs to no conversation was kept for the request alone. */
  private async unpark(lease: Lease): Promise<void> {
    const state = this.parked.get(lease)?.state;
    this.parked.delete(lease);
    if (state === undefined) return;
    this.snapshots.unpin(state);
    if (this.isKept(state.conversation)) await this.snapshots.evict();
    else await this.snapshots.remove(state);
  }

  private isKept(conversation: string | undefined): conversation is string {
    return conversation !== undefined && !this.forgotten.has(conversation);
  }
}
