import { underProgress, type ProgressRun } from '../ask/askProgress';
import { cutWords } from '../ask/cutAnswer';
import { asHistory, type ModelAsker } from '../ask/modelAsker';
import { renderAttachment } from '../chat/attachmentText';
import type { Attachment } from '../chat/chatApi';
import { shownFileOf, type AskedCode } from '../commands/askedCode';
import type { AnswerReviews } from '../edit/answerReview';
import type { ContextBudget } from '../context/contextBudget';
import { CancelledError, UserError } from '../errors';
import type { ModelReadiness } from '../models/modelReadiness';
import { systemPrompt } from '../prompts/prompts';

export interface EditQuestion {
  /** What the answer changes. */
  code: AskedCode;
  /** What the review and the progress say. */
  title: string;
  /** In the order of the prompt, the code among them. */
  attachments: readonly Attachment[];
  text: string;
}

export interface EditAskerDeps {
  asker: Pick<ModelAsker, 'ask'>;
  answers: Pick<AnswerReviews, 'begin'>;
  readiness: Pick<ModelReadiness, 'ensureLoaded'>;
  budget: Pick<ContextBudget, 'fit'>;
}

/** Asks for changed code outside of the chat: a prompt without its history, and a review that grows with the answer. */
export class EditAsker {
  private readonly running = new Set<AbortController>();

  constructor(private readonly deps: EditAskerDeps) {}

  /** Settles once the review is open. */
  async ask({ code, title, attachments, text }: EditQuestion): Promise<void> {
    const { asker, answers, readiness, budget } = this.deps;
    const review = answers.begin({ shown: [shownFileOf(code)], title });
    let answer = '';
    const running = new AbortController();
    this.running.add(running);
    try {
      const run: ProgressRun<void> = async (report, signal) => {
        // What fits is known of a loaded model.
        await readiness.ensureLoaded(signal);
        const fitting = await budget.fit(attachments, text, [systemPrompt, text]);
        const prompt = [...fitting.map(renderAttachment), text].join('\n\n');
        const result = await asker.ask(
          { kind: 'inline', messages: asHistory(systemPrompt, prompt) },
          (progress) => {
            report(progress);
            if (progress.kind === 'text') review.text((answer += progress.text));
          },
          signal,
        );
        if (result.stopReason === 'cancelled') throw new CancelledError();
        if (result.stopReason !== 'end') throw new UserError(cutWords(result.stopReason));
        answer = result.text;
      };
      await underProgress(title, run, running.signal);
    } catch (error) {
      await review.cancel();
      throw error;
    } finally {
      this.running.delete(running);
    }
    await review.end(answer);
  }

  /** Stops all answers that are on their way; false where none is. */
  stop(): boolean {
    for (const each of this.running) each.abort();
    return this.running.size > 0;
  }
}
