import type {
  CompleteRequest,
  CompleteResult,
  LoadedModel,
  LoadOptions,
  MeasureParams,
  MeasureResult,
  ServedModel,
} from '../protocol/engine';
import { ChatRunner } from './chat';
import { CompletionRunner } from './completion';
import type { OpenedCompletion } from './completionModel';
import { problem } from './failure';
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
  private readonly completions: CompletionRunner | undefined;

  constructor(
    { session, described, header: { fim } }: OpenModel,
    readonly options: LoadOptions,
    private readonly snapshots: Snapshots,
    private readonly second?: OpenedCompletion,
  ) {
    this.model = { ...described, ...second?.described };
    this.session = session;
    this.slots = new Slots(session, snapshots);
    this.runner = new ChatRunner(session, this.slots, described.fileSampling);
    this.meter = new HistoryMeter((messages) => session.render(openHistory(messages)).length);
    const own = fim && { session, fim, modelPath: described.path, slots: this.slots };
    const parts = second?.parts ?? own;
    this.completions = parts && new CompletionRunner(parts);
  }

  get vramBytes(): number {
    return this.session.memory.vramBytes + (this.second?.parts?.session.memory.vramBytes ?? 0);
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

  /** @throws EngineProblem `noModel` where none can fill in, `promptTooLong` */
  async complete(request: CompleteRequest, signal: AbortSignal): Promise<CompleteResult> {
    if (this.completions === undefined) throw problem('noModel', 'no loaded model can fill in');
    return await this.completions.run(request, signal);
  }

  /** Frees weights and context. To be called after the last request. */
  async dispose(): Promise<void> {
    await this.second?.parts?.session.dispose();
    await this.session.dispose();
  }
}
