import type { Engine } from '../engineClient/engine';
import type { Logger } from '../log';
import type { AttachmentView, ContextView } from '../protocol/webview';
import { renderAttachment } from './attachmentText';
import type { Attachment } from './chatApi';
import type { Conversation } from './conversation';
import { renderTurns, turnsFrom } from './history';
import type { PrefillRate } from '../ask/prefillRate';
import type { PromptPrefix } from './promptPrefix';

export interface TokenMeterDeps {
  engine: Engine;
  rate: PrefillRate;
  prefix: PromptPrefix;
  log: Logger;
  onChange: () => void;
}

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

  view({ id, label, path }: Attachment): AttachmentView {
    const modelPath = this.#deps.engine.snapshot.model?.path;
    const tokens = modelPath === this.#modelPath ? this.#counts.get(id) : undefined;
    const seconds = tokens === undefined ? undefined : this.#deps.rate.seconds(modelPath, tokens);
    return { id, label, path, tokens, seconds };
  }

  /**
   * Counts and measures anew, in the background; `onChange` follows. A later call makes an earlier one void.
   * @param drafts chips of the message that is being written
   * @param idle false while an answer runs: the context is then measured at its end
   */
  refresh(conversation: Conversation, drafts: readonly Attachment[], idle: boolean): void {
    const { engine, log, onChange } = this.#deps;
    const run = ++this.#run;
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
