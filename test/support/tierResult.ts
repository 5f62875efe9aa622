/** What a tier of tests leaves behind for the last line of `npm test`. */
export interface TierResult {
  passed: number;
  failed: number;
  skipped: number;
  skips: { title: string; reason: string }[];
}

export const noReason = 'no reason given';
