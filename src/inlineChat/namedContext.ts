import type { Attachment } from '../chat/chatApi';
import type { ContextSources, ResolvedMentions } from '../context/contextSources';
import { inStableOrder } from '../context/stableOrder';
import { mentionName, mentionsIn } from '../protocol/mentions';

/**
 * What is named in the message that is being written. Each mention is looked up once, when it is typed to its end: what
 * it costs is known before it is sent, and nothing is asked about twice.
 */
export class NamedContext {
  readonly #found = new Map<string, Promise<ResolvedMentions>>();

  constructor(private readonly sources: Pick<ContextSources, 'resolve'>) {}

  /** Of the mentions that something follows already. */
  async preview(text: string): Promise<Attachment[]> {
    const whole = mentionsIn(text).filter(({ end }) => end < text.length);
    const found = await Promise.all(whole.map(({ start, end }) => this.#find(text.slice(start, end))));
    return distinct(found);
  }

  /** Of the whole message, which is sent now. */
  async take(text: string): Promise<ResolvedMentions> {
    const found: ResolvedMentions[] = [];
    let plain = '';
    let from = 0;
    for (const mention of mentionsIn(text)) {
      // One after the other: each may ask the person.
      found.push(await this.#find(text.slice(mention.start, mention.end)));
      plain += text.slice(from, mention.start) + mentionName(mention);
      from = mention.end;
    }
    this.#found.clear();
    return {
      text: plain + text.slice(from),
      attachments: distinct(found),
      problems: found.flatMap(({ problems }) => problems),
    };
  }

  #find(mention: string): Promise<ResolvedMentions> {
    const found = this.#found.get(mention) ?? this.sources.resolve(mention);
    this.#found.set(mention, found);
    return found;
  }
}

function distinct(found: readonly ResolvedMentions[]): Attachment[] {
  const all = found.flatMap(({ attachments }) => attachments);
  return inStableOrder([
    ...new Map(all.map((each) => [JSON.stringify([each.uri, each.lines]), each])).values(),
  ]);
}
