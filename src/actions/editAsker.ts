import { underProgress, type ProgressRun } from '../ask/askProgress';
import { asHistory, type ModelAsker } from '../ask/modelAsker';
import { renderAttachment } from '../chat/attachmentText';
import type { Attachment } from '../chat/chatApi';
import { shownFileOf, type AskedCode } from '../commands/askedCode';
import type { AnswerReviews } from '../edit/answerReview';
import { CancelledError } from '../errors';
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

/** Asks for changed code outside of the chat: a prompt without its history, and a review that grows with the answer. */
export class EditAsker {
  private readonly running = new Set<AbortController>();

  constructor(
    private readonly asker: Pick<ModelAsker, 'ask'>,
    private readonly answers: Pick<AnswerReviews, 'begin'>,
  ) {}

  /** Settles once the review is open. */
  async ask({ code, title, attachments, text }: EditQuestion): Promise<void> {
    const messages = asHistory(systemPrompt, [...attachments.map(renderAttachment), text].join('\n\n'));
    const review = this.answers.begin({ shown: [shownFileOf(code)], title });
    let answer = '';
    const running = new AbortController();
    this.running.add(running);
    try {
      const run: ProgressRun<void> = async (report, signal) => {
        const result = await this.asker.ask(
          { kind: 'inline', messages },
          (progress) => {
            report(progress);
            if (progress.kind === 'text') review.text((answer += progress.text));
          },
          signal,
        );
        if (result.stopReason === 'cancelled') throw new CancelledError();
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
