import * as vscode from 'vscode';
import { CancelledError, UserError } from '../errors';
import { mentionKinds, mentionName, mentionsIn, type MentionKind } from '../protocol/mentions';
import type { ContextSource } from './contextSource';
import type { ContextSources, MentionOffer, ResolvedMentions } from './contextSources';
import { inStableOrder } from './stableOrder';

/** Kinds that go on to a name. */
const named: readonly MentionKind[] = ['file', 'folder', 'symbol'];
/** Lines of a completion at most, of all kinds. */
const maxOffers = 40;
/** Milliseconds. */
const symbolPatience = 300;

/** Context by name, of all sources. */
export class Mentions implements ContextSources {
  constructor(private readonly sources: readonly ContextSource[]) {}

  async offers(typed: string, signal: AbortSignal): Promise<MentionOffer[]> {
    const [, word = '', colon, rest = ''] = /^@([^:]*)(:?)"?(.*)$/s.exec(typed) ?? [];
    if (colon === ':') {
      const source = this.sources.find(({ kind }) => kind === word && named.includes(kind));
      return source === undefined ? [] : await source.offers(rest, signal);
    }
    const begins = (kind: MentionKind): boolean => kind.startsWith(word.toLowerCase());
    const lists = await Promise.all(
      this.sources.map(async (source): Promise<MentionOffer[]> => {
        const { kind } = source;
        if (!named.includes(kind)) return begins(kind) ? await source.offers('', signal) : [];
        const names = await namesLike(word, source, signal);
        return [...(begins(kind) ? [goOn(kind)] : []), ...names.slice(0, kind === 'folder' ? 4 : 12)];
      }),
    );
    if (signal.aborted) return [];
    const all = lists.flat();
    const kinds = all.filter(({ insert }) => !insert.includes(':') || insert.endsWith(':'));
    const names = all.filter((offer) => !kinds.includes(offer));
    const open = word === '' ? await this.sourceOf('file').offers('', signal) : [];
    return [...kinds, ...names, ...open.slice(0, 12)].slice(0, maxOffers);
  }

  async resolve(text: string): Promise<ResolvedMentions> {
    const attachments = new Map<string, ResolvedMentions['attachments'][number]>();
    const problems: string[] = [];
    let plain = '';
    let end = 0;
    for (const mention of mentionsIn(text)) {
      plain += text.slice(end, mention.start) + mentionName(mention);
      end = mention.end;
      try {
        const attachment = await this.sourceOf(mention.kind).attach(mention.target);
        attachments.set(JSON.stringify([attachment.uri, attachment.lines]), attachment);
      } catch (error) {
        if (!UserError.is(error) && !CancelledError.is(error)) throw error;
        if (UserError.is(error)) problems.push(error.message);
        else problems.push(vscode.l10n.t('{0} was left out.', mentionName(mention)));
      }
    }
    return { text: plain + text.slice(end), attachments: inStableOrder([...attachments.values()]), problems };
  }

  private sourceOf(kind: MentionKind): ContextSource {
    const source = this.sources.find((each) => each.kind === kind);
    if (source === undefined) throw new Error(`No source of ${kind}; there are ${mentionKinds.join(', ')}.`);
    return source;
  }
}

/** Language servers are not asked for a single letter, and not waited for while all else is there. */
async function namesLike(word: string, source: ContextSource, signal: AbortSignal): Promise<MentionOffer[]> {
  if (word === '' || (source.kind === 'symbol' && word.length < 2)) return [];
  const names = source.offers(word, signal);
  if (source.kind !== 'symbol') return await names;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<MentionOffer[]>((resolve) => (timer = setTimeout(resolve, symbolPatience, [])));
  return await Promise.race([names, late]).finally(() => clearTimeout(timer));
}

function goOn(kind: MentionKind): MentionOffer {
  const { t } = vscode.l10n;
  const labels: Partial<Record<MentionKind, string>> = {
    file: t('File…'),
    folder: t('Folder…'),
    symbol: t('Symbol…'),
  };
  return { insert: `@${kind}:`, label: labels[kind] ?? kind, detail: '', kind };
}
