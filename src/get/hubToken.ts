import * as vscode from 'vscode';
import { licencePage } from './hubFailure';

/** The person's access tokens for hubs, in the editor's store of secrets: one for each address, sent to no other. */
export class HubToken {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  async get(endpoint: string): Promise<string | undefined> {
    return await this.secrets.get(keyOf(endpoint));
  }

  /** Lets the person enter a token, or take the one that is kept away. Returns whether there is a new one. */
  async enter(endpoint: string): Promise<boolean> {
    const { t } = vscode.l10n;
    const kept = (await this.get(endpoint)) !== undefined;
    const entered = await vscode.window.showInputBox({
      title: t('Access token for {0}', new URL(endpoint).host),
      prompt: kept
        ? t('A token is kept already. Enter another one, or nothing to remove it.')
        : t(
            'A token that may read is enough. It is kept in the editor’s store of secrets and sent to this address alone.',
          ),
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) =>
        /^[\x21-\x7e]*$/.test(text.trim()) ? undefined : t('A token has letters, digits and signs only.'),
    });
    if (entered === undefined) return false;
    const token = entered.trim();
    if (token === '') await this.secrets.delete(keyOf(endpoint));
    else await this.secrets.store(keyOf(endpoint), token);
    return token !== '';
  }

  /** Says what is wanted and helps to get it. Returns whether there is a new token to try with. */
  async ask(message: string, place: { endpoint: string; repository: string }): Promise<boolean> {
    const { t } = vscode.l10n;
    const [enter, page] = [t('Enter Token…'), t('Open Licence Page')];
    const choice = await vscode.window.showWarningMessage(message, enter, page);
    if (choice === page) {
      await vscode.env.openExternal(vscode.Uri.parse(licencePage(place)));
      return await this.enter(place.endpoint);
    }
    return choice === enter && (await this.enter(place.endpoint));
  }
}

function keyOf(endpoint: string): string {
  return `layercake.hubToken ${new URL(endpoint).origin}`;
}
