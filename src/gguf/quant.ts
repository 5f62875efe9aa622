import { fileType } from './fileTypes';
import { tensorTypesByName } from './tensorTypes';
import type { GgufTensor } from './tensors';

/** A mix names itself by its base type; files that have less of it than this are something else. */
const leastShare = 0.1;

/**
 * The quant level: what `general.file_type` says where the tensors bear it out, else the type that most of the
 * weights have; "unknown" without weights.
 */
export function quantLabel(fileTypeId: number | undefined, tensors: readonly GgufTensor[]): string {
  const matrices = tensors.filter((tensor) => tensor.dimensions.length > 1);
  const claimed = fileTypeId === undefined ? undefined : fileType(fileTypeId);
  if (claimed !== undefined && bornOut(claimed.baseTypes, matrices)) return claimed.label;
  return dominantType(matrices) ?? 'unknown';
}

function bornOut(baseTypes: readonly string[], matrices: readonly GgufTensor[]): boolean {
  // A type takes only rows of whole blocks; quantising gives the other matrices another type.
  const block = Math.min(...baseTypes.map((name) => tensorTypesByName.get(name)?.blockSize ?? 1));
  const able = matrices.filter((tensor) => (tensor.dimensions[0] ?? 1) % block === 0);
  if (able.length === 0) return matrices.length > 0;
  const share = elements(able.filter((tensor) => baseTypes.includes(tensor.type))) / elements(able);
  // Unquantised files are of one type; a label left at F16 on a quantised file is common.
  return block === 1 ? share > 0.5 : share >= leastShare;
}

function dominantType(tensors: readonly GgufTensor[]): string | undefined {
  const sums = new Map<string, number>();
  for (const { type, elements } of tensors) sums.set(type, (sums.get(type) ?? 0) + elements);
  return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function elements(tensors: readonly GgufTensor[]): number {
  return tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
}
