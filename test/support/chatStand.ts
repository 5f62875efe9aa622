import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { root } from '../../scripts/childProcess.mjs';
import { pageOptions } from '../../scripts/browser.mjs';
import { loadPageTable } from '../../src/l10nTables';
import type { ChatCommand, ChatEvent } from '../../src/protocol/webview';
import { webviewHtml } from '../../src/webviewHtml';

const address = 'http://chat.test/';

/** The editor's side of the page: what it posts is kept, what it saves comes back after a reload. */
const host = `
  window.posted = [];
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
    setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
  });`;

/** The built chat page in a browser, without an editor: this plays the extension's side of the protocol. */
export class ChatStand {
  private constructor(readonly page: Page) {}

  /** Opens the page as the extension makes it, policy included, in a view as narrow as a side bar. */
  static async open(browser: Browser): Promise<ChatStand> {
    const context = await browser.newContext({ ...pageOptions, viewport: { width: 420, height: 860 } });
    const page = await context.newPage();
    const file = (name: string): Promise<Buffer> => readFile(path.join(root, name));
    const table = await loadPageTable('chat', 'en', (name) => file(`media/l10n/${name}`));
    const body = webviewHtml({
      ...{ page: 'chat', title: 'Chat', cspSource: address, nonce: 'stand', table },
      ...{ scriptUri: `${address}chat.js`, styleUri: `${address}chat.css` },
    });
    await page.route(`${address}**`, async (route) => {
      const name = path.basename(new URL(route.request().url()).pathname);
      if (name === '') await route.fulfill({ contentType: 'text/html', body });
      else await route.fulfill({ path: path.join(root, 'dist/webview', name) });
    });
    await page.addInitScript(host);
    const stand = new ChatStand(page);
    await stand.load();
    return stand;
  }

  /** Loads the page, or loads it again, until it asks for its first snapshot. */
  async load(): Promise<void> {
    await this.page.goto(address);
    // The page's policy forbids what the browser's own waiting would evaluate.
    while (!(await this.page.evaluate<boolean>('window.posted.some(({ kind }) => kind === "ready")'))) {
      await this.page.waitForTimeout(20);
    }
  }

  async send(event: ChatEvent): Promise<void> {
    await this.page.evaluate(`window.postMessage(${JSON.stringify(event)}, '*')`);
  }

  /** What the page has posted since the last call. */
  async posted(): Promise<ChatCommand[]> {
    return this.page.evaluate<ChatCommand[]>('window.posted.splice(0)');
  }

  /** Waits until everything sent so far is drawn. */
  async drawn(): Promise<void> {
    await this.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))',
    );
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
