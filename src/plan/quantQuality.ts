/** What quantising cost one model by one measure, as someone published it. Other models lose more or less. */
export interface QualityTable {
  readonly metric: 'perplexityIncrease' | 'mmlu';
  /** The model that was measured. */
  readonly model: string;
  /** Its parameters: small models lose more than large ones. */
  readonly parameters: number;
  readonly source: string;
  /** Percent, by quant level: of perplexity above the unquantised model's, or of questions answered rightly. */
  readonly figures: Readonly<Record<string, number>>;
}

export const perplexityTable: QualityTable = {
  metric: 'perplexityIncrease',
  model: 'Llama 2 70B',
  parameters: 70e9,
  source: 'llama.cpp, "Llama 2 70B Scorechart" in the README of its perplexity tool',
  figures: {
    Q2_K: 8.82,
    Q3_K_S: 7.89,
    Q3_K_M: 4.72,
    Q3_K_L: 3.8,
    Q4_0: 3.61,
    Q4_1: 2.37,
    Q4_K_S: 1.57,
    Q5_0: 1.26,
    Q4_K_M: 1.2,
    Q5_K_S: 0.5,
    Q5_K_M: 0.4,
    Q6_K: 0.16,
  },
};

const mmluSource = 'github.com/matt-c1/llama-3-quant-comparison';

/** With 50 questions of each category: small differences mean nothing. */
export const largeMmluTable: QualityTable = {
  metric: 'mmlu',
  model: 'Llama 3 70B Instruct',
  parameters: 70e9,
  source: mmluSource,
  figures: {
    Q5_K_M: 80.82,
    IQ4_XS: 80.46,
    IQ3_M: 80.06,
    IQ3_XXS: 79.09,
    IQ2_M: 77.01,
    IQ2_S: 76.05,
    IQ2_XS: 74.94,
    IQ2_XXS: 72.31,
    IQ1_M: 65.21,
    IQ1_S: 61.18,
  },
};

export const smallMmluTable: QualityTable = {
  metric: 'mmlu',
  model: 'Llama 3 8B Instruct',
  parameters: 8e9,
  source: mmluSource,
  figures: {
    F16: 65.2,
    Q8_0: 65.23,
    Q6_K: 65.06,
    Q5_K_M: 64.9,
    Q5_K_S: 64.88,
    Q4_K_M: 64.64,
    Q4_K_S: 64.63,
    IQ4_NL: 64.33,
    IQ4_XS: 64.39,
    Q3_K_L: 62.85,
    Q3_K_M: 62.89,
    IQ3_M: 62.55,
    IQ3_S: 62.13,
    Q3_K_S: 59.14,
    IQ3_XS: 61.19,
    IQ3_XXS: 60.52,
    Q2_K: 55.9,
    IQ2_M: 57.56,
    IQ2_S: 53.98,
    IQ2_XS: 49.98,
    IQ2_XXS: 43.5,
    IQ1_M: 28.83,
    IQ1_S: 26.47,
  },
};

/** The MMLU table of the model that is nearer in size. */
export function mmluTableFor(parameters: number): QualityTable {
  // In the middle of 8 and 70 billion, by ratio.
  return parameters < 24e9 ? smallMmluTable : largeMmluTable;
}

/** Percent; undefined where nobody measured: the gap stays a gap. */
export function publishedFigure(table: QualityTable, quant: string): number | undefined {
  return table.figures[quant];
}

/**
 * Whether a level costs so little by a published figure that few will notice: at most 2 % of perplexity, or one point
 * of MMLU below the table's best. undefined without a figure.
 */
export function losesLittle(quant: string, parameters: number): boolean | undefined {
  const perplexity = publishedFigure(perplexityTable, quant);
  const table = mmluTableFor(parameters);
  const mmlu = publishedFigure(table, quant);
  // What was measured on a model of this size says more.
  if (mmlu !== undefined) return mmlu >= Math.max(...Object.values(table.figures)) - 1;
  return perplexity === undefined ? undefined : perplexity <= 2;
}

/**
 * Q2_K and below: answers get visibly worse (8.82 % of perplexity, 9 points of MMLU at 8B). Ternary types are not
 * meant: models are trained for those.
 */
export function warnsAtLoad(quant: string): boolean {
  return /^(I?Q1_|I?Q2_)/.test(quant);
}
