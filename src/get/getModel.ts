import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { Downloads } from './downloads';
import type { HubClient } from './hubClient';
import { describeHubFailure, licencePage, wantsToken } from './hubFailure';
import type { HubToken } from './hubToken';
import { pickRepository } from './modelPick';
import { groupByQuant } from './quantGroups';
import { pickQuant, type QuantChoice } from './quantPick';
import { QuantPlans } from './quantPlans';
import { suggestModels, type Advise } from './suggestions';

export interface GetModelDeps {
  hub: Pick<HubClient, 'search' | 'files' | 'header'>;
  token: Pick<HubToken, 'enter' | 'ask'>;
  downloads: Pick<Downloads, 'start'>;
  /** Address of the hub. */
  endpoint: () => string;
  /** Where the files of a repository go. */
  folderFor: (repository: string) => string;
  advise: Advise;
}

/** Repositories that a search shows. */
const limit = 30;

/**
 * From a search or a suggestion to a running download. Rejects with `UserError`.
 * @param first a repository that is chosen already
 */
export async function getModel(first: string | undefined, deps: GetModelDeps): Promise<void> {
  const { hub, token, advise } = deps;
  const endpoint = deps.endpoint();
  if (first !== undefined && (await chooseQuant(first, endpoint, deps)) !== 'back') return;
  for (;;) {
    const repository = await pickRepository({
      host: new URL(endpoint).host,
      suggestions: () => suggestModels(advise),
      search: (text, signal) => hub.search({ endpoint, text, limit }, signal),
      describe: (error) => describeHubFailure(error, { endpoint }, vscode.l10n.t),
      enterToken: () => token.enter(endpoint),
    });
    if (repository === undefined) return;
    if ((await chooseQuant(repository, endpoint, deps)) !== 'back') return;
  }
}

async function chooseQuant(
  repository: string,
  endpoint: string,
  deps: GetModelDeps,
): Promise<'back' | undefined> {
  const { hub, token, advise, downloads, folderFor } = deps;
  const place = { endpoint, repository };
  const describe = (error: unknown) => describeHubFailure(error, place, vscode.l10n.t);
  for (;;) {
    let revision = '';
    let choice: QuantChoice | undefined;
    try {
      choice = await pickQuant(
        repository,
        async (signal) => {
          const files = await hub.files(place, signal);
          revision = files.revision;
          const header = (path: string, stop: AbortSignal) => hub.header({ ...place, revision, path }, stop);
          return new QuantPlans(groupByQuant(files.files), header, advise);
        },
        describe,
      );
    } catch (error) {
      const message = describe(error) ?? String(error);
      if (wantsToken(error) && (await token.ask(message, place))) continue;
      throw new UserError(message);
    }
    switch (choice?.kind) {
      case undefined:
        return undefined;
      case 'back':
        return 'back';
      case 'token':
        await token.enter(endpoint);
        break;
      case 'licence':
        await vscode.env.openExternal(vscode.Uri.parse(licencePage(place)));
        break;
      case 'group': {
        if (!(await mayStart(repository, choice))) return undefined;
        const { files, level } = choice.group;
        const label = `${repository.replace(/^[^/]*\//, '').replace(/[-_.]GGUF$/i, '')} ${level}`;
        await downloads.start({ ...place, revision, folder: folderFor(repository), files }, label);
        return undefined;
      }
    }
  }
}

/** Asks where the plan says that the model would be of no use here. */
async function mayStart(
  repository: string,
  { group, plans }: Extract<QuantChoice, { kind: 'group' }>,
): Promise<boolean> {
  const row = plans?.rows.find((each) => each.level.group === group);
  if (row?.verdict !== 'doesNotFit') return true;
  const { t } = vscode.l10n;
  const yes = t('Download');
  const choice = await vscode.window.showWarningMessage(
    t('Download {0} of {1} although it does not fit this machine?', group.level, repository),
    { modal: true, detail: t('By the estimate there is too little memory for it, whatever is on the GPU.') },
    yes,
  );
  return choice === yes;
}
