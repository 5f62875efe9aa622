import type { Engine } from '../engineClient/engine';
import type { Logger } from '../log';
import type { ContextBudget } from '../context/contextBudget';
import type { ModelReadiness } from '../models/modelReadiness';
import type { AttachmentView, BudgetView, ContextView } from '../protocol/webview';
import { renderAttachment } from './attachmentText';
import type { Attachment } from './chatApi';
import type { Conversation } from './conversation';
import type { Drafts } from './drafts';
import { renderTurns, turnsFrom } from './history';
import type { PrefillRate } from '../ask/prefillRate';
import type { PromptPrefix } from './promptPrefix';

export interface TokenMeterDeps {
  engine: Engine;
  readiness: Pick<ModelReadiness, 'configuredPath'>;
  rate: PrefillRate;
  prefix: PromptPrefix;
  budget: Pick<ContextBudget, 'limit'>;
  log: Logger;
  onChange: () => void;
}

/** Of code, with most tokenizers. */
const charactersPerToken = 3.5;

/** What the page is told of tokens, by attachment and of the context. Counts hold for one model. */
export class TokenMeter {
  readonly #deps: TokenMeterDeps;
  #modelPath: string | undefined;
  #counts = new Map<string, number>();
  #measured: { conversationId: string; context: ContextView | undefined } | undefined;
  #run = 0;

  constructor(deps: TokenMeterDeps) {
    this.#deps = deps;
  }

  /** undefined: no model is loaded, or nothing was measured yet. */
  context(conversation: Conversation): ContextView | undefined {
    if (this.#deps.engine.snapshot.model === undefined) return undefined;
    return this.#measured?.conversationId === conversation.id ? this.#measured.context : undefined;
  }

  view(attachment: Attachment): AttachmentView {
    const { id, label, path, wholeTokens } = attachment;
    const { tokens, estimated } = this.#size(attachment);
    return {
      ...{ id, label, path, tokens, seconds: this.#seconds(tokens) },
      ...(estimated && { estimated }),
      ...(wholeTokens !== undefined && { wholeTokens }),
    };
  }

  /** Of the message that is being written; undefined where all of its chips fit. */
  budget({ list, whole }: Pick<Drafts, 'list' | 'whole'>): BudgetView | undefined {
    const limitTokens = this.#deps.budget.limit;
    const tokens = list.reduce((sum, each) => sum + (this.#size(each).tokens ?? 0), 0);
    if (tokens <= limitTokens) return undefined;
    const [seconds, limitSeconds] = [this.#seconds(tokens), this.#seconds(limitTokens)];
    return { tokens, seconds, limitTokens, limitSeconds, whole };
  }

  /** Counted by the model's tokenizer; by length while none is loaded. */
  #size({ id, ...attachment }: Attachment): { tokens: number | undefined; estimated: boolean } {
    const tokens = this.#modelAtHand === this.#modelPath ? this.#counts.get(id) : undefined;
    if (tokens !== undefined || this.#deps.engine.snapshot.model !== undefined) {
      return { tokens, estimated: false };
    }
    const { length } = renderAttachment({ id, ...attachment });
    return { tokens: Math.ceil(length / charactersPerToken), estimated: true };
  }

  #seconds(tokens: number | undefined): number | undefined {
    return tokens === undefined ? undefined : this.#deps.rate.seconds(this.#modelAtHand, tokens);
  }

  /** The loaded model, else the one that the next message loads. */
  get #modelAtHand(): string | undefined {
    const { engine, readiness } = this.#deps;
    return engine.snapshot.model?.path ?? readiness.configuredPath();
  }

  /**
   * Counts and measures anew, in the background; `onChange` follows. A later call makes an earlier one void.
   * @param drafts chips of the message that is being written
   * @param idle false while an answer runs: the context is then measured at its end
   */
  refresh(conversation: Conversation, drafts: readonly Attachment[], idle: boolean): void {
    const { engine, log, rate, onChange } = this.#deps;
    const run = ++this.#run;
    const modelPath = this.#modelAtHand;
    if (drafts.length > 0 && modelPath !== undefined) {
      void rate.expect(modelPath).then((news) => news && onChange());
    }
    if (engine.snapshot.model === undefined) return;
    const sent = conversation.messages.flatMap((message) =>
      message.role === 'user' ? message.attachments : [],
    );
    this.#count([...drafts, ...sent])
      .then(() => (idle ? this.#measure(conversation) : this.context(conversation)))
      .then((context) => {
        if (run !== this.#run) return;
        this.#measured = { conversationId: conversation.id, context };
        onChange();
      })
      // The model may have gone meanwhile: the next refresh comes with the next one.
      .catch((error: unknown) => log.debug(`tokens not counted: ${String(error)}`));
  }

  async #count(attachments: readonly Attachment[]): Promise<void> {
    const modelPath = this.#deps.engine.snapshot.model?.path;
    if (modelPath !== this.#modelPath) this.#counts = new Map();
    this.#modelPath = modelPath;
    const counts = this.#counts;
    const missing = attachments.filter(({ id }) => !counts.has(id));
    if (missing.length === 0) return;
    const tokens = await this.#deps.engine.countTokens(missing.map(renderAttachment));
    missing.forEach(({ id }, index) => {
      const count = tokens[index];
      if (count !== undefined) counts.set(id, count);
    });
  }

  async #measure(conversation: Conversation): Promise<ContextView | undefined> {
    const { engine, prefix } = this.#deps;
    const { message: system, agents } = await prefix.build();
    const turns = turnsFrom(renderTurns(conversation.messages), conversation.memory?.firstMessageId);
    const messages = turns.flatMap((turn) => turn.messages);
    // Templates want a user's message last, so the last answer's own count is added to what comes before it.
    const answer = messages.at(-1)?.role === 'assistant' ? messages.pop()?.content : undefined;
    const [agentsTokens = 0, answerTokens = 0, systemTokens = 0] = await engine.countTokens([
      agents,
      answer ?? '',
      system.content,
    ]);
    const asked = messages.length === 0 ? systemTokens : (await engine.measure([system, ...messages])).total;
    const model = engine.snapshot.model;
    if (model === undefined) return undefined;
    return { usedTokens: asked + answerTokens, totalTokens: model.contextSize, agentsTokens };
  }
}
