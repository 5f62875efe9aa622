import * as vscode from 'vscode';
import { CancelledError } from '../errors';
import type { GgufHeader } from '../gguf/model';
import type { LevelOffer, LevelOffers } from './levelOffers';
import { describeLevel, describeRecommendation } from './levelWords';

interface LevelItem extends vscode.QuickPickItem {
  offer?: LevelOffer;
}

/**
 * Lets the person choose a level; undefined where they did not. The list is there at once, and filled when `find` has
 * ended; closed before, it aborts the signal. Rejects as `find` does.
 */
export async function pickLevel(
  name: string,
  source: GgufHeader,
  find: (signal: AbortSignal) => Promise<LevelOffers>,
): Promise<LevelOffer | undefined> {
  const pick = vscode.window.createQuickPick<LevelItem>();
  const stop = new AbortController();
  try {
    return await new Promise<LevelOffer | undefined>((resolve, reject) => {
      pick.title = vscode.l10n.t('Change the quant of {0}, which is {1}', name, source.quant);
      pick.placeholder = vscode.l10n.t('llama.cpp is being asked what each level takes…');
      pick.busy = true;
      // Of a large model the sizes take seconds, and people look elsewhere.
      pick.ignoreFocusOut = true;
      pick.matchOnDescription = true;
      pick.matchOnDetail = true;
      pick.onDidAccept(() => {
        const offer = pick.selectedItems[0]?.offer;
        if (offer !== undefined) resolve(offer);
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
      find(stop.signal).then((offers) => fill(pick, source, offers), reject);
    });
  } catch (error) {
    if (CancelledError.is(error)) return undefined;
    throw error;
  } finally {
    stop.abort();
    pick.dispose();
  }
}

function fill(pick: vscode.QuickPick<LevelItem>, source: GgufHeader, offers: LevelOffers): void {
  const { t } = vscode.l10n;
  const { recommended } = offers;
  const name = typeof recommended === 'object' ? recommended.level.name : undefined;
  const items = offers.offers.map((offer): LevelItem => ({
    label: offer.row.name,
    ...describeLevel(offer, source, t),
    offer,
  }));
  const first = items.filter(({ label }) => label === name);
  pick.items = [
    ...(first.length > 0 ? [separator(t('Recommended')), ...first] : []),
    separator(t('Exact sizes')),
    ...items.filter((item) => !first.includes(item)),
    separator(t('Not offered')),
    {
      label: offers.needImportance.join(', '),
      detail: t(
        'llama.cpp makes these only with an importance matrix, which is measured with the original weights: look for a download of them.',
      ),
    },
    ...offers.refused.map(({ level, detail }) => ({ label: level, detail })),
  ];
  pick.placeholder = describeRecommendation(offers, source, t);
  pick.busy = false;
}

function separator(label: string): LevelItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
