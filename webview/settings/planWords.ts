import type { OneSequenceView, PlanView } from '../../src/protocol/webview';
import type { L10n } from '../l10n';
import { bytesText, gibText, type SettingsKey } from './ui';

type Texts = L10n<SettingsKey>;

/** "1.8", "29", "0.04": as many digits as an estimate is worth. */
export function rateText(l10n: Texts, tokensPerSecond: number): string {
  if (tokensPerSecond >= 10) return l10n.fixed(tokensPerSecond, 0);
  return l10n.fixed(tokensPerSecond, tokensPerSecond >= 0.1 ? 1 : 2);
}

/** "40 s", "3 min", "1.5 h". */
export function durationText(l10n: Texts, seconds: number): string {
  if (seconds < 90) return `${l10n.number(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 5400) return `${l10n.number(seconds / 60, 0)} min`;
  return `${l10n.number(seconds / 3600, 1)} h`;
}

/** Where the layers are; where the plan is not simply good, why. */
export function verdictSentence(l10n: Texts, plan: PlanView): string {
  // The reason comes in the editor's language; what can be said in the page's own is said here.
  if (plan.verdict !== 'fits') return plan.reason;
  const { gpuLayers, totalLayers } = plan;
  if (gpuLayers === 0) return l10n.t('state.allCpu', { total: totalLayers });
  return gpuLayers >= totalLayers
    ? l10n.t('state.allGpu', { total: totalLayers })
    : l10n.t('state.split', { gpu: gpuLayers, total: totalLayers });
}

/** What one more layer would take, and how long a request takes: sentences beside the verdict. */
export function planDetails(l10n: Texts, plan: PlanView, budgetSet: boolean): string[] {
  if (plan.verdict === 'doesNotFit') return [];
  const details: string[] = [];
  const { nextLayer } = plan;
  if (nextLayer && nextLayer.overBytes > 0) {
    const key = budgetSet ? 'plan.nextOverBudget' : 'plan.nextOverFree';
    details.push(l10n.t(key, { size: `${gibText(l10n, nextLayer.overBytes)} GiB` }));
  } else if (nextLayer) {
    details.push(l10n.t('plan.nextFits', { size: `${gibText(l10n, nextLayer.bytes)} GiB` }));
  }
  if (plan.oneSequence) details.push(oneSequenceText(l10n, plan.oneSequence));
  const time = durationText(l10n, plan.requestSeconds);
  details.push(l10n.t('plan.request', { time, rate: rateText(l10n, plan.prefill) }));
  return details;
}

/** "8,192 tokens", "2 × 8,192 tokens": what the KV cache holds. */
export function contextText(l10n: Texts, { sequences, contextSize }: PlanView): string {
  return l10n.t('memory.contexts', { count: sequences, tokens: contextSize });
}

/** Why short requests have no KV cache of their own. */
function oneSequenceText(l10n: Texts, reason: OneSequenceView): string {
  switch (reason.kind) {
    case 'layers':
      return l10n.t('plan.oneSequenceLayers', { layers: reason.layers });
    case 'time':
      return l10n.t('plan.oneSequenceTime', { percent: Math.round(reason.slowdown * 100) });
    case 'memory':
      return l10n.t('plan.oneSequenceMemory', { size: bytesText(l10n, reason.bytes) });
  }
}

/** The verdict as one text, for a screen reader. */
export function spokenVerdict(l10n: Texts, plan: PlanView): string {
  const parts = [l10n.t(`verdict.${plan.verdict}`), verdictSentence(l10n, plan)];
  if (plan.verdict !== 'doesNotFit') {
    parts.push(`${rateText(l10n, plan.decode)} tok/s ${l10n.t('plan.estimated')}`);
  }
  return parts.join(' ');
}
