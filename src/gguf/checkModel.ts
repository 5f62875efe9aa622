import { hasAttention, isKnownArchitecture } from './architectures';
import { GgufError } from './ggufError';
import { limits } from './limits';
import type { Metadata } from './metadata';
import type { GgufTensor } from './tensors';

/** The model's shape, within what llama.cpp takes. */
export interface Hyperparameters {
  blockCount: number;
  trainContext: number;
  embeddingLength: number;
  headCount: number;
  kvHeadCount: number;
  kvHeadCounts: readonly number[];
}

const ropeScalings = new Set(['none', 'linear', 'yarn', 'longrope']);

/** Refuses what llama.cpp would abort on instead of reporting. */
export function checkModel(
  architecture: string,
  metadata: Metadata,
  tensors: readonly GgufTensor[],
): Hyperparameters {
  checkKind(architecture, metadata);
  const required = (key: string, max: number): number => {
    const value = metadata.number(`${architecture}.${key}`);
    if (value === undefined) throw malformed(`${architecture}.${key} is missing or no number`);
    if (!Number.isInteger(value) || value < 1 || value > max) {
      throw malformed(`${architecture}.${key} is ${value}; 1 to ${max} can be`);
    }
    return value;
  };
  const blockCount = required('block_count', limits.blocks);
  const trainContext = required('context_length', 2 ** 31);
  const embeddingLength = required('embedding_length', 2 ** 24);
  const ropeScaling = metadata.text(`${architecture}.rope.scaling.type`);
  if (ropeScaling !== undefined && !ropeScalings.has(ropeScaling)) {
    throw malformed(`${architecture}.rope.scaling.type is unknown`);
  }
  const predicted = metadata.number(`${architecture}.nextn_predict_layers`) ?? 0;
  if (predicted > blockCount) throw malformed(`${architecture}.nextn_predict_layers is ${predicted}`);
  checkExperts(architecture, metadata, blockCount);
  if (tensors.length === 0) throw new GgufError('modelUnsupported', 'the file holds no weights');
  return { blockCount, trainContext, embeddingLength, ...readHeads(architecture, metadata, blockCount) };
}

function checkKind(architecture: string, metadata: Metadata): void {
  const kind = metadata.text('general.type');
  if (kind === 'adapter') throw accessory('the file is a LoRA adapter, which goes with a model');
  if (kind === 'mmproj' || architecture === 'clip') {
    throw accessory('the file is an image or audio projector, which goes with a model');
  }
  if (kind === 'imatrix') throw accessory('the file is an importance matrix');
  if (!isKnownArchitecture(architecture)) {
    throw unsupported(
      `the architecture ${JSON.stringify(architecture.slice(0, 64))} is unknown to this release`,
    );
  }
}

function checkExperts(architecture: string, metadata: Metadata, blockCount: number): void {
  // llama.cpp itself clears what these two say of a single expert.
  const experts = metadata.number(`${architecture}.expert_count`) ?? 0;
  if (experts <= 1 && (architecture === 'hunyuan_vl' || architecture === 'hunyuan-dense')) return;
  const used = metadata.perBlock(`${architecture}.expert_used_count`, blockCount) ?? [0];
  const mostUsed = Math.max(...used);
  const groups = metadata.number(`${architecture}.expert_group_count`) ?? 0;
  const usedGroups = metadata.number(`${architecture}.expert_group_used_count`) ?? 0;
  const fits =
    experts === 0
      ? mostUsed === 0 && groups === 0
      : experts <= limits.experts &&
        mostUsed > 0 &&
        mostUsed <= experts &&
        groups < experts &&
        (groups <= 1 || (experts % groups === 0 && usedGroups > 0 && usedGroups < groups));
  if (!fits) {
    throw malformed(`the experts do not add up: ${experts}, of which ${mostUsed} used, in ${groups} groups`);
  }
}

function readHeads(
  architecture: string,
  metadata: Metadata,
  blockCount: number,
): Pick<Hyperparameters, 'headCount' | 'kvHeadCount' | 'kvHeadCounts'> {
  const none = Array.from({ length: blockCount }, () => 0);
  const heads = metadata.perBlock(`${architecture}.attention.head_count`, blockCount) ?? none;
  const kvHeads = metadata.perBlock(`${architecture}.attention.head_count_kv`, blockCount) ?? heads;
  const headCount = Math.max(...heads);
  const kvHeadCount = Math.max(...kvHeads);
  if (hasAttention(architecture)) {
    if (headCount < 1 || kvHeadCount < 1) throw malformed('the model has no attention heads');
    heads.forEach((count, block) => {
      const shared = kvHeads[block] ?? 0;
      if (count < 0 || shared < 0 || (shared > 0 && count % shared !== 0)) {
        throw malformed(`block ${block} has ${count} heads over ${shared} key-value heads`);
      }
    });
  }
  return { headCount, kvHeadCount, kvHeadCounts: kvHeads };
}

function malformed(detail: string): GgufError {
  return new GgufError('modelMalformed', detail);
}
function accessory(detail: string): GgufError {
  return new GgufError('modelUnsupported', detail, true);
}

function unsupported(detail: string): GgufError {
  return new GgufError('modelUnsupported', detail);
}
