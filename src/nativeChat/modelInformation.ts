import type * as vscode from 'vscode';
import type { ToolCalling } from '../protocol/engine';
import { formatBytes, formatCount, formatDuration } from '../status/format';
import type { Translate } from '../translate';

/** What a request of a native agent takes, tokens: its instructions and the schemas of some 39 tools (measured). */
export const agentPromptTokens = 17_000;
/** Tokens that the engine keeps free of a context. */
const reservedTokens = 17;

/** A model that VS Code's own chat and other extensions may ask. */
export interface OfferedModel {
  id: string;
  path: string;
  name: string;
  architecture: string;
  quant: string;
  sizeBytes: number;
  isLoaded: boolean;
  /** Tokens; planned where it is not loaded. */
  contextSize: number;
  /** Expected where it was never loaded. */
  toolCalling: ToolCalling;
  /** Reading the prompt of a native agent, at the speed of reading that is known; undefined: none is. */
  agentPrompt: { seconds: number; isMeasured: boolean } | undefined;
}

/** The model as the editor knows it, and the file that it is. */
export interface ModelInformation extends vscode.LanguageModelChatInformation {
  readonly path: string;
  readonly isLoaded: boolean;
}

/** @param answerTokens what an answer may have by the person's settings, at most */
export function modelInformation(model: OfferedModel, answerTokens: number, t: Translate): ModelInformation {
  const { id, path, name, architecture, quant, isLoaded, contextSize } = model;
  // An answer as long as half of the context would leave little to ask with.
  const maxOutputTokens = Math.max(1, Math.min(answerTokens, Math.floor(contextSize / 2)));
  const maxInputTokens = Math.max(1, contextSize - maxOutputTokens - reservedTokens);
  const fitsAgents = maxInputTokens >= agentPromptTokens;
  const isTrained = model.toolCalling !== 'generic';
  return {
    ...{ id, path, isLoaded, name, maxInputTokens, maxOutputTokens },
    family: architecture,
    version: quant,
    detail: isLoaded ? t('loaded') : t('not loaded'),
    tooltip: [
      facts(model, t),
      isTrained ? agentWords(model, fitsAgents, t) : t('It does not call tools, so agents do not offer it.'),
      isLoaded ? '' : t('It is not loaded. Before the first answer you are asked whether to load it.'),
    ]
      .filter((line) => line !== '')
      .join('\n\n'),
    capabilities: { imageInput: false, toolCalling: isTrained && fitsAgents },
  };
}

function facts({ quant, sizeBytes, contextSize, isLoaded }: OfferedModel, t: Translate): string {
  const context = formatCount(contextSize);
  const words = isLoaded ? t('{0} tokens of context', context) : t('{0} tokens of context planned', context);
  return [quant, formatBytes(sizeBytes), words].join(' · ');
}

function agentWords({ agentPrompt }: OfferedModel, fits: boolean, t: Translate): string {
  const tokens = formatCount(agentPromptTokens);
  if (!fits) {
    return t(
      'Its context is too small for agents: their prompts take about {0} tokens. Set a larger context to use it there.',
      tokens,
    );
  }
  if (agentPrompt === undefined) return t('The prompt of an agent takes about {0} tokens.', tokens);
  const time = formatDuration(agentPrompt.seconds);
  return agentPrompt.isMeasured
    ? t(
        'Reading the prompt of an agent, about {0} tokens, takes about {1} at the speed measured last.',
        tokens,
        time,
      )
    : t('Reading the prompt of an agent, about {0} tokens, takes about {1} (estimated).', tokens, time);
}
