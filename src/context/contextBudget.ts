import type { PrefillRate } from '../ask/prefillRate';
import { renderAttachment } from '../chat/attachmentText';
import type { Attachment } from '../chat/chatApi';
import { answerRoom } from '../chat/memory';
import type { ReadSetting } from '../chat/requestSettings';
import type { Engine } from '../engineClient/engine';

export interface ContextBudgetDeps {
  engine: Pick<Engine, 'countTokens' | 'snapshot'>;
  rate: PrefillRate;
  read: ReadSetting;
}

/** Tokens that a template puts around the messages, at most. */
const templateTokens = 64;

/** How much of its attachments a message may take: by the time of reading them, and by the context. */
export class ContextBudget {
  constructor(private readonly deps: ContextBudgetDeps) {}

  /** Tokens of all attachments of a message; Infinity while no model is loaded. */
  get limit(): number {
    const { engine, rate, read } = this.deps;
    const { model } = engine.snapshot;
    if (model === undefined) return Infinity;
    const room =
      model.contextSize - answerRoom(model.contextSize, read('sampling.maxTokens')) - templateTokens;
    const seconds = read('context.budgetSeconds');
    const perToken = rate.seconds(model.path, 1);
    const inTime = seconds > 0 && perToken !== undefined ? Math.floor(seconds / perToken) : Infinity;
    return Math.max(0, Math.min(room, inTime));
  }

  /** The same, once it is known how fast the loaded model is expected to read. */
  async settledLimit(): Promise<number> {
    const { engine, rate } = this.deps;
    const { model } = engine.snapshot;
    if (model !== undefined) await rate.expect(model.path);
    return this.limit;
  }

  /**
   * What of the attachments is sent: the same list where all of it fits, else what has most to do with the question.
   * @param beside other texts of the prompt, which need room in the context too
   */
  async fit(
    attachments: readonly Attachment[],
    question: string,
    beside: readonly string[],
  ): Promise<readonly Attachment[]> {
    const { engine } = this.deps;
    const { model } = engine.snapshot;
    const limit = await this.settledLimit();
    if (model === undefined || limit === Infinity) return attachments;
    const count = (texts: string[]): Promise<number[]> => engine.countTokens(texts);
    const sizes = await count([...attachments.map(renderAttachment), ...beside]);
    const sum = (some: readonly number[]): number => some.reduce((total, each) => total + each, 0);
    const other = sum(sizes.slice(attachments.length));
    const room = model.contextSize - answerRoom(model.contextSize, this.deps.read('sampling.maxTokens'));
    const most = Math.max(0, Math.min(limit, room - templateTokens - other));
    if (sum(sizes.slice(0, attachments.length)) <= most) return attachments;
    const { trimToBudget } = await import('./budget');
    const trimmed = await trimToBudget({ attachments, question, limit: most, count });
    return trimmed.every((each, index) => each === attachments[index]) ? attachments : trimmed;
  }
}
