/** What a load is at. */
export type LoadStep = 'measuring' | 'loading';

/** Takes how far a load is, 0 … 1 over all of its steps. */
export type ReportLoad = (fraction: number, step: LoadStep) => void;
