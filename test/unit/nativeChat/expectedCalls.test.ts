import { describe, expect, it } from 'vitest';
import { expectsCalls } from '../../../src/nativeChat/expectedCalls';
import { llamaTemplates, whyNoTemplates } from '../../support/llamaTemplates';

/**
 * Templates in which the library finds no syntax of calls (tried with each): models that would be told to call in one
 * that they were not trained on.
 */
const withoutCalls = [
  ...['Apriel-1.6-15b-Thinker-fixed', 'Cohere2MoE', 'CohereForAI-c4ai-command-r-plus-tool_use'],
  ...['GigaChat3-10B-A1.8B', 'GigaChat3.1-10B-A1.8B', 'HuggingFaceTB-SmolLM3-3B', 'Kimi-K2-Instruct'],
  ...['Kimi-K2-Thinking', 'Kimi-K3', 'LFM2-8B-A1B', 'LFM2.5-8B-A1B', 'LFM2.5-Instruct', 'MiniMax-M3'],
  ...['Mistral-Small-3.2-24B-Instruct-2506', 'google-gemma-2-2b-it', 'ibm-granite-granite-3.3-2B-Instruct'],
  ...['llama-cpp-deepseek-r1', 'llama-cpp-rwkv-world', 'meetkai-functionary-medium-v3.2'],
  ...['microsoft-Phi-3.5-mini-instruct', 'openbmb-MiniCPM5-1B', 'tencent-Hy3', 'unsloth-Apriel-1.5'],
  'upstage-Solar-Open-100B',
];

/** Families that many people have. */
const withCalls = [
  ...['Qwen-Qwen2.5-7B-Instruct', 'Qwen-Qwen3-0.6B', 'Qwen-QwQ-32B', 'Qwen3-Coder', 'Qwen3.5-4B'],
  ...['meta-llama-Llama-3.1-8B-Instruct', 'meta-llama-Llama-3.2-3B-Instruct', 'openai-gpt-oss-120b'],
  ...['meta-llama-Llama-3.3-70B-Instruct', 'NousResearch-Hermes-3-Llama-3.1-8B-tool_use'],
  ...[
    'google-gemma-4-31B-it',
    'ibm-granite-granite-4.0',
    'unsloth-mistral-Devstral-Small-2507',
    'GLM-4.7-Flash',
  ],
];

describe('calls expected of a model by its template', () => {
  const templates = llamaTemplates();

  it('are those of no model whose calls are not known', (ctx) => {
    const reason = whyNoTemplates();
    if (reason !== undefined) ctx.skip(reason);
    expect(withoutCalls.filter((name) => expectsCalls(templates.get(name) ?? name))).toEqual([]);
    expect(withoutCalls.filter((name) => !templates.has(name))).toEqual([]);
  });

  it('are those of the families that many people have', (ctx) => {
    const reason = whyNoTemplates();
    if (reason !== undefined) ctx.skip(reason);
    expect(withCalls.filter((name) => !expectsCalls(templates.get(name) ?? ''))).toEqual([]);
  });

  it('are none without a template', () => {
    expect(expectsCalls('')).toBe(false);
  });
});
