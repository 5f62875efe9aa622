import {
  flashAttentionChoices,
  kvCacheTypes,
  type FlashAttention,
  type KvCacheType,
} from '../../src/protocol/engine';
import type { LoadForm } from '../../src/protocol/webview';
import { optionalNumber, record, textOr } from '../loose';

/** What is saved, or to be; what is missing is automatic. */
export function parseForm(data: unknown): LoadForm {
  const form = record(data);
  const optional = (name: string) => optionalNumber(form[name]) ?? null;
  return {
    modelPath: textOr(form['modelPath']),
    gpuLayers: optional('gpuLayers'),
    contextSize: optional('contextSize'),
    batchSize: optional('batchSize'),
    vramBudget: optional('vramBudget'),
    threads: optional('threads'),
    kvCacheType: parseKvCacheType(form['kvCacheType']) ?? null,
    flashAttention: parseFlashAttention(form['flashAttention']) ?? 'auto',
    sequences: optional('sequences'),
    mmap: form['mmap'] !== false,
    mlock: form['mlock'] === true,
  };
}

export function parseKvCacheType(data: unknown): KvCacheType | undefined {
  return kvCacheTypes.find((type) => type === data);
}

export function parseFlashAttention(data: unknown): FlashAttention | undefined {
  return flashAttentionChoices.find((choice) => choice === data);
}
