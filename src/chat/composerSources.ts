import type { ComposerOffer } from '../protocol/webview';
import type { Attachment } from './chatApi';

/** What a text with names in it stands for. */
export interface ResolvedText {
  text: string;
  attachments: Attachment[];
  /** What cannot be had, each in a sentence that is ready to show. */
  problems: string[];
}

/** Completes names in the message that is being written, and knows what they stand for. */
export interface ComposerSource {
  /** "@" names context anywhere in a text; "/" a prompt, at its very beginning. */
  readonly trigger: '@' | '/';
  /** @param typed what was typed so far, from its trigger on */
  offers(typed: string, signal: AbortSignal): Promise<ComposerOffer[]>;
  /** Called for every message; one without such names comes back as it is. */
  resolve(text: string): Promise<ResolvedText>;
}

/** All that the chat's input completes. */
export class ComposerSources {
  #sources: ComposerSource[] = [];

  add(source: ComposerSource): { dispose(): void } {
    // Prompts first: what they expand to may name context.
    this.#sources = [...this.#sources, source].sort((a, b) => b.trigger.localeCompare(a.trigger));
    return { dispose: () => (this.#sources = this.#sources.filter((each) => each !== source)) };
  }

  async offers(typed: string, signal: AbortSignal): Promise<ComposerOffer[]> {
    const asked = this.#sources.filter(({ trigger }) => typed.startsWith(trigger));
    return (await Promise.all(asked.map((source) => source.offers(typed, signal)))).flat();
  }

  async resolve(text: string): Promise<ResolvedText> {
    let resolved: ResolvedText = { text, attachments: [], problems: [] };
    for (const source of this.#sources) {
      const next = await source.resolve(resolved.text);
      resolved = {
        text: next.text,
        attachments: [...resolved.attachments, ...next.attachments],
        problems: [...resolved.problems, ...next.problems],
      };
    }
    return resolved;
  }
}
