/**
 * The edge of the page: turns whatever arrives into a `ChatEvent`. What is missing gets a harmless value, a list's
 * broken entries are left out, and an unknown message becomes undefined: nothing that arrives may break the page.
 */
import type {
  AnswerStats,
  AnswerStatus,
  AnswerView,
  AttachmentView,
  BudgetView,
  ChatEvent,
  ComposerOffer,
  ContextView,
  ConversationSummary,
  ConversationView,
  FailureAction,
  MessageView,
  ModelOffer,
  ModelOffers,
  UserMessageView,
} from '../../src/protocol/webview';
import { mentionKinds } from '../../src/protocol/mentions';
import { parseEngineView } from '../parseEngine';
import { list, numberOr, optionalNumber, record, textOr, type Loose } from '../loose';

/** A message from the extension, or undefined where it is none that this page knows. */
export function parseChatEvent(data: unknown): ChatEvent | undefined {
  const event = record(data);
  switch (event['kind']) {
    case 'snapshot':
      return {
        kind: 'snapshot',
        engine: parseEngineView(event['engine']),
        conversation: parseConversation(event['conversation']),
        conversations: list(event['conversations'], parseSummary),
        attachments: list(event['attachments'], parseAttachment),
        budget: parseBudget(event['budget']),
        queue: list(event['queue'], parseText),
        context: parseContext(event['context']),
        notices: list(event['notices'], parseText),
      };
    case 'stream': {
      const answerId = event['answerId'];
      const status = parseStatus(event['status']);
      if (typeof answerId !== 'string' || status === undefined) return undefined;
      return {
        kind: 'stream',
        answerId,
        textOffset: numberOr(event['textOffset'], 0),
        text: textOr(event['text']),
        thoughtOffset: numberOr(event['thoughtOffset'], 0),
        thought: textOr(event['thought']),
        status,
      };
    }
    case 'engine':
      return { kind: 'engine', engine: parseEngineView(event['engine']) };
    case 'offers':
      return { kind: 'offers', offers: parseOffers(event['offers']) };
    case 'completions':
      return {
        kind: 'completions',
        request: numberOr(event['request'], 0),
        offers: list(event['offers'], parseComposerOffer),
      };
    case 'focusInput':
      return { kind: 'focusInput', text: typeof event['text'] === 'string' ? event['text'] : undefined };
    default:
      return undefined;
  }
}

function parseOffers(data: unknown): ModelOffers {
  const source = record(data);
  return { here: list(source['here'], parseOffer), suggested: list(source['suggested'], parseOffer) };
}

function parseOffer(data: unknown): ModelOffer | undefined {
  const { id, name, plan } = record(data);
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  return { id, name, plan: textOr(plan) };
}

function parseComposerOffer(data: unknown): ComposerOffer | undefined {
  const { insert, label, detail, kind } = record(data);
  if (typeof insert !== 'string' || typeof label !== 'string') return undefined;
  const known = mentionKinds.find((each) => each === kind);
  return { insert, label, detail: textOr(detail), kind: known ?? 'prompt' };
}

function parseConversation(data: unknown): ConversationView {
  const source = record(data);
  return {
    ...(parseSummary(source) ?? { id: '', title: '', updated: 0 }),
    messages: list(source['messages'], parseMessage),
  };
}

function parseSummary(data: unknown): ConversationSummary | undefined {
  const source = record(data);
  if (typeof source['id'] !== 'string') return undefined;
  return { id: source['id'], title: textOr(source['title']), updated: numberOr(source['updated'], 0) };
}

function parseText(data: unknown): { id: string; text: string } | undefined {
  const source = record(data);
  if (typeof source['id'] !== 'string' || typeof source['text'] !== 'string') return undefined;
  return { id: source['id'], text: source['text'] };
}

function parseMessage(data: unknown): MessageView | undefined {
  const source = record(data);
  if (typeof source['id'] !== 'string') return undefined;
  if (source['role'] === 'user') return parseUserMessage(source['id'], source);
  if (source['role'] === 'assistant') return parseAnswer(source['id'], source);
  return undefined;
}

function parseUserMessage(id: string, source: Loose): UserMessageView {
  const message: UserMessageView = {
    role: 'user',
    id,
    text: textOr(source['text']),
    attachments: list(source['attachments'], parseAttachment),
  };
  if (typeof source['memoryBegins'] === 'object' && source['memoryBegins'] !== null) {
    const memory = record(source['memoryBegins']);
    message.memoryBegins = {
      droppedTurns: numberOr(memory['droppedTurns'], 0),
      rereadTokens: numberOr(memory['rereadTokens'], 0),
      rereadSeconds: optionalNumber(memory['rereadSeconds']) ?? null,
    };
  }
  return message;
}

function parseAnswer(id: string, source: Loose): AnswerView {
  return {
    role: 'assistant',
    id,
    text: textOr(source['text']),
    thought: textOr(source['thought']),
    thoughtSeconds: optionalNumber(source['thoughtSeconds']) ?? null,
    // An unknown state is shown as a finished answer: the text matters more.
    status: parseStatus(source['status']) ?? { kind: 'done', stopReason: 'end' },
    stats: parseStats(source['stats']),
  };
}

function parseStatus(data: unknown): AnswerStatus | undefined {
  const source = record(data);
  switch (source['kind']) {
    case 'waiting': {
      const ahead = optionalNumber(source['ahead']);
      return { kind: 'waiting', ...(ahead !== undefined && { ahead }) };
    }
    case 'paused':
      return { kind: 'paused' };
    case 'stopping':
      return { kind: 'stopping' };
    case 'streaming':
      return { kind: 'streaming', tokensPerSecond: numberOr(source['tokensPerSecond'], 0) };
    case 'reading':
      return {
        kind: 'reading',
        done: numberOr(source['done'], 0),
        total: numberOr(source['total'], 0),
        reused: numberOr(source['reused'], 0),
        tokensPerSecond: numberOr(source['tokensPerSecond'], 0),
        secondsLeft: optionalNumber(source['secondsLeft']) ?? null,
      };
    case 'done': {
      const reason = source['stopReason'];
      const known = reason === 'maxTokens' || reason === 'contextFull' || reason === 'cancelled';
      return { kind: 'done', stopReason: known ? reason : 'end' };
    }
    case 'failed':
      return { kind: 'failed', message: textOr(source['message']), action: parseAction(source['action']) };
    default:
      return undefined;
  }
}

function parseAction(data: unknown): FailureAction | undefined {
  return data === 'retry' || data === 'openSettings' || data === 'chooseModel' || data === 'showLog'
    ? data
    : undefined;
}

function parseStats(data: unknown): AnswerStats | undefined {
  const source = record(data);
  const tokens = optionalNumber(source['tokens']);
  if (tokens === undefined) return undefined;
  return {
    tokens,
    tokensPerSecond: optionalNumber(source['tokensPerSecond']) ?? null,
    firstTokenSeconds: optionalNumber(source['firstTokenSeconds']) ?? null,
    promptTokens: numberOr(source['promptTokens'], 0),
    reusedTokens: numberOr(source['reusedTokens'], 0),
  };
}

function parseAttachment(data: unknown): AttachmentView | undefined {
  const source = record(data);
  if (typeof source['id'] !== 'string') return undefined;
  const wholeTokens = optionalNumber(source['wholeTokens']);
  return {
    id: source['id'],
    label: textOr(source['label']),
    path: textOr(source['path']),
    tokens: optionalNumber(source['tokens']),
    seconds: optionalNumber(source['seconds']),
    ...(source['estimated'] === true && { estimated: true }),
    ...(wholeTokens !== undefined && { wholeTokens }),
  };
}

function parseBudget(data: unknown): BudgetView | undefined {
  const source = record(data);
  const tokens = optionalNumber(source['tokens']);
  if (tokens === undefined) return undefined;
  return {
    tokens,
    seconds: optionalNumber(source['seconds']),
    limitTokens: numberOr(source['limitTokens'], 0),
    limitSeconds: optionalNumber(source['limitSeconds']),
    whole: source['whole'] === true,
  };
}

function parseContext(data: unknown): ContextView | undefined {
  const source = record(data);
  const totalTokens = optionalNumber(source['totalTokens']);
  if (totalTokens === undefined || totalTokens <= 0) return undefined;
  return {
    usedTokens: numberOr(source['usedTokens'], 0),
    totalTokens,
    agentsTokens: numberOr(source['agentsTokens'], 0),
  };
}
