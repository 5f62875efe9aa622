import type { LoadedModel, LoadOptions, MeasureParams, MeasureResult, ServedModel } from '../protocol/engine';
import { ChatRunner } from './chat';
import type { LlamaSession } from './llamaSession';
import { HistoryMeter } from './measure';
import type { OpenModel } from './model';
import { openHistory } from './prompt';
import { Slots } from './slots';
import type { Snapshots } from './snapshots';

/** A loaded model with all that answers from it. */
export class ServedSession implements ServedModel {
  readonly model: LoadedModel;
  readonly slots: Slots;
  readonly runner: ChatRunner;
  private readonly session: LlamaSession;
  private readonly meter: HistoryMeter;

  constructor(
    { session, described }: OpenModel,
    readonly options: LoadOptions,
    private readonly snapshots: Snapshots,
  ) {
    this.model = described;
    this.session = session;
    this.slots = new Slots(session, snapshots);
    this.runner = new ChatRunner(session, this.slots, described.fileSampling);
    this.meter = new HistoryMeter((messages) => session.render(openHistory(messages)).length);
  }

  get vramBytes(): number {
    return this.session.memory.vramBytes;
  }

  /** Bytes written of conversations that are not on disk yet; undefined where all of them are, or none is kept. */
  get unsavedBytesWritten(): number | undefined {
    const { isKeeping, isWriting, bytesWritten } = this.snapshots;
    return isWriting || (isKeeping && this.slots.hasUnsaved) ? bytesWritten : undefined;
  }

  measure({ messages }: MeasureParams): MeasureResult {
    return { ...this.meter.measure(messages), contextSize: this.session.contextSize };
  }

  countTokens(texts: string[]): number[] {
    return texts.map((text) => this.session.count(text));
  }

  /** Frees weights and context. To be called after the last request. */
  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}
