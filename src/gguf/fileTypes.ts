/** A quant level: how `general.file_type` numbers it, what people call it, and the types most weights then have. */
interface FileType {
  readonly label: string;
  readonly baseTypes: readonly string[];
}

const table: readonly (readonly [id: number, label: string, ...baseTypes: string[]])[] = [
  [0, 'F32', 'F32'],
  [1, 'F16', 'F16'],
  [2, 'Q4_0', 'Q4_0'],
  [3, 'Q4_1', 'Q4_1'],
  [7, 'Q8_0', 'Q8_0'],
  [8, 'Q5_0', 'Q5_0'],
  [9, 'Q5_1', 'Q5_1'],
  [10, 'Q2_K', 'Q2_K'],
  [11, 'Q3_K_S', 'Q3_K'],
  [12, 'Q3_K_M', 'Q3_K'],
  [13, 'Q3_K_L', 'Q3_K'],
  [14, 'Q4_K_S', 'Q4_K'],
  [15, 'Q4_K_M', 'Q4_K'],
  [16, 'Q5_K_S', 'Q5_K'],
  [17, 'Q5_K_M', 'Q5_K'],
  [18, 'Q6_K', 'Q6_K'],
  [19, 'IQ2_XXS', 'IQ2_XXS'],
  [20, 'IQ2_XS', 'IQ2_XS'],
  [21, 'Q2_K_S', 'Q2_K'],
  [22, 'IQ3_XS', 'IQ3_XXS', 'IQ3_S'],
  [23, 'IQ3_XXS', 'IQ3_XXS'],
  [24, 'IQ1_S', 'IQ1_S'],
  [25, 'IQ4_NL', 'IQ4_NL'],
  [26, 'IQ3_S', 'IQ3_S'],
  [27, 'IQ3_M', 'IQ3_S'],
  [28, 'IQ2_S', 'IQ2_XS', 'IQ2_S'],
  [29, 'IQ2_M', 'IQ2_S'],
  [30, 'IQ4_XS', 'IQ4_XS'],
  [31, 'IQ1_M', 'IQ1_M'],
  [32, 'BF16', 'BF16'],
  [36, 'TQ1_0', 'TQ1_0'],
  [37, 'TQ2_0', 'TQ2_0'],
  [38, 'MXFP4', 'MXFP4'],
  [39, 'NVFP4', 'NVFP4'],
  [40, 'Q1_0', 'Q1_0'],
  [41, 'Q2_0', 'Q2_0'],
];

const byId = new Map<number, FileType>(table.map(([id, label, ...baseTypes]) => [id, { label, baseTypes }]));

/** Bit that llama.cpp sets where it guessed the type. */
const guessed = 1024;

export function fileType(id: number): FileType | undefined {
  return byId.get(id & ~guessed);
}

/** llama.cpp's number of a level; undefined where it has none of that name. */
export function fileTypeId(label: string): number | undefined {
  return table.find(([, name]) => name === label)?.[0];
}
