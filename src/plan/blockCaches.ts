import { Metadata } from '../gguf/metadata';
import type { GgufHeader } from '../gguf/model';
import { blockMemories, stateBytes } from './recurrent';
import type { LayerShape, ShapeGap } from './shape';
import { slidingWindows } from './slidingWindow';

export type BlockCache = Pick<LayerShape, 'keyValues' | 'valueValues' | 'window' | 'stateBytes'>;

export const noCache: BlockCache = { keyValues: 0, valueValues: 0, window: undefined, stateBytes: 0 };

/** Models that answer without a cache: encoders, and those that write by diffusion. */
const cacheless = new Set(
  'bert jina-bert-v2 jina-bert-v3 nomic-bert nomic-bert-moe neo-bert modern-bert eurobert gemma-embedding'
    .split(' ')
    .concat('wavtokenizer-dec dream llada llada-moe rnd1'.split(' ')),
);
/** They keep the keys of an index beside, for sparse attention. */
const indexed = new Set(['minimax-m3', 'glm-dsa', 'deepseek32', 'hy_v4', 'dots3note', 'qwen4exp']);
/** Their caches are laid out in ways of their own. */
const special = new Set([
  'deepseek4',
  'dflash',
  't5',
  'nanbeige',
  'graniteswitch',
  'gemma4-assistant',
  'eagle3',
]);

/** What each block keeps for a token and for a sequence, as llama.cpp's `create_memory` has it. */
export function blockCaches(header: GgufHeader): BlockCache[] {
  const { architecture, blockCount } = header;
  const metadata = new Metadata(header.metadata);
  const windows = slidingWindows(header);
  const state = stateBytes(header);
  const sharing = firstSharing(architecture, blockCount, metadata);
  return blockMemories(header).map(({ attends, recurs }, block) => {
    if (cacheless.has(architecture) || block >= loadedBlocks(header)) return noCache;
    const window = windows[block];
    const values =
      attends && block < sharing ? attentionValues(header, block, window !== undefined) : noCache;
    return { ...noCache, ...values, window, stateBytes: recurs ? state : 0 };
  });
}

/** Blocks that llama.cpp loads: those that predict further tokens, the last ones, stay in the file. */
export function loadedBlocks({ architecture, blockCount, metadata }: GgufHeader): number {
  const predicting = new Metadata(metadata).number(`${architecture}.nextn_predict_layers`) ?? 0;
  return special.has(architecture) ? blockCount : blockCount - predicting;
}

/** What the formulas leave out of an architecture. */
export function shapeGaps(header: GgufHeader): ShapeGap[] {
  const { architecture } = header;
  return [
    ...(indexed.has(architecture) ? ['indexCache' as const] : []),
    ...(special.has(architecture) ? ['cacheLayout' as const] : []),
    ...(blockMemories(header).some(({ recurs }) => recurs) ? ['recurrentBatch' as const] : []),
  ];
}

/** Blocks from here on use the cache of an earlier one. */
function firstSharing(architecture: string, blockCount: number, metadata: Metadata): number {
  if (architecture === 'gemma3n') return 20;
  return blockCount - (metadata.number(`${architecture}.attention.shared_kv_layers`) ?? 0);
}

/** Grouped-query attention by its heads; latent attention keeps its keys alone, of which the values are a part. */
function attentionValues(
  { architecture, kvHeadCounts, embeddingLength, headCount, metadata }: GgufHeader,
  block: number,
  slides: boolean,
): Pick<LayerShape, 'keyValues' | 'valueValues'> {
  const entries = new Metadata(metadata);
  const usual = headCount > 0 ? Math.floor(embeddingLength / headCount) : 0;
  const number = (key: string) => entries.number(`${architecture}.attention.${key}`);
  const length = (key: string) => (slides ? number(`${key}_swa`) : undefined) ?? number(key) ?? usual;
  const heads = kvHeadCounts[block] ?? 0;
  const latent = (number('key_length_mla') ?? 0) > 0 && (number('value_length_mla') ?? 0) > 0;
  return {
    keyValues: heads * length('key_length'),
    valueValues: latent ? 0 : heads * length('value_length'),
  };
}
