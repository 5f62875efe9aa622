import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import type { RunnerTask } from 'vitest';
import { launchBrowser, pageOptions, within } from '../../scripts/browser.mjs';
import { root } from '../../scripts/childProcess.mjs';
import { installVsix, startServer, writeSettings } from '../../scripts/vscodeServer.mjs';
import { EditorErrors } from './editorErrors';
import { makeRepository } from './gitWorkspace';

export interface EditorOptions {
  /** User settings on top of quiet ones. */
  settings?: Record<string, unknown>;
  /** More files of the workspace: path in it, content. */
  files?: Record<string, string>;
  /** Makes the workspace a git repository, with these files staged in it: path in it, content. */
  staged?: Record<string, string>;
  /** Fills the home folder of the editor's person. */
  home?: (folder: string) => Promise<unknown>;
}

/** An editor that opens late takes the focus: the palette may not close for it. A load waits for no measurement. */
const steady = {
  'workbench.quickOpen.closeOnFocusLost': false,
  'layercake.plan.calibrateAtFirstLoad': false,
};

type Webview = Pick<FrameLocator, 'locator' | 'getByText'>;

/** An editor with the packaged extension installed, on a copy of the sample workspace, in a headless browser. */
export class EditorPage {
  readonly errors: EditorErrors;

  private constructor(
    readonly page: Page,
    /** The folder that is open: a copy for this run alone. */
    readonly workspace: string,
    /** Folder of this editor's profile: settings, storage, extensions. */
    readonly profile: string,
    private readonly cleanUp: (() => Promise<unknown>)[],
    private readonly urlOf: (folder: string) => string,
  ) {
    this.errors = new EditorErrors(page);
  }

  /** Installs, starts and opens; waits until the extension shows in the status bar. */
  static async open(options: EditorOptions = {}): Promise<EditorPage> {
    const vsix = process.env['LAYERCAKE_VSIX'];
    if (vsix === undefined) throw new Error('No package to test: run this tier with `npm run test:e2e`.');
    const cleanUp: (() => Promise<unknown>)[] = [];
    try {
      const profile = await mkdtemp(path.join(tmpdir(), 'lc-e2e-'));
      cleanUp.push(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
      const workspace = path.join(profile, 'workspace');
      await cp(path.join(root, 'test/host/workspace'), workspace, { recursive: true });
      for (const [name, content] of Object.entries(options.files ?? {})) {
        await writeFile(path.join(workspace, name), content);
      }
      // The server takes the profile's folder as its home.
      await options.home?.(profile);
      await installVsix(profile, vsix);
      const git = options.staged !== undefined;
      if (options.staged !== undefined) await makeRepository(workspace, options.staged);
      await writeSettings(profile, { ...steady, 'git.enabled': git, ...options.settings });
      const server = await startServer({ profile, forTests: true, git });
      cleanUp.push(server.stop);
      const browser: Browser = await launchBrowser();
      cleanUp.push(() => browser.close());
      const page = await (await browser.newContext(pageOptions)).newPage();
      return await new EditorPage(page, workspace, profile, cleanUp, server.url).start();
    } catch (error) {
      await closeAll(cleanUp);
      throw error;
    }
  }

  /** Another window of the same editor and person, with an extension host of its own, on a copy of the workspace. */
  async openWindow(): Promise<EditorPage> {
    const workspace = await mkdtemp(path.join(this.profile, 'workspace-'));
    await cp(this.workspace, workspace, { recursive: true });
    const page = await this.page.context().newPage();
    return await new EditorPage(page, workspace, this.profile, [], this.urlOf).start();
  }

  private async start(): Promise<this> {
    await this.page.goto(this.urlOf(this.workspace));
    await this.statusBar.waitFor({ timeout: 60_000 });
    return this;
  }

  /** Our status bar item. */
  get statusBar(): Locator {
    return this.page.locator('.statusbar-item[id^="layercake.layercake"]');
  }

  /** The chat view. */
  get chat(): Webview {
    return within(this.page, 'view');
  }

  /** The settings page, or Doctor's: whichever is open. */
  get panel(): Webview {
    return within(this.page, 'panel');
  }

  /** Waits until our status bar item says so: its icon left out. */
  async waitForStatus(text: string | RegExp): Promise<void> {
    await this.statusBar.filter({ hasText: text }).waitFor({ timeout: 30_000 });
  }

  /** Waits until the active editor shows a text. */
  async waitForText(text: string): Promise<void> {
    const line = this.page.locator('.editor-instance .view-line', {
      hasText: text.replaceAll(' ', '\u00a0'),
    });
    await line.first().waitFor({ timeout: 30_000 });
  }

  /** Text of the active editor's visible lines, with plain spaces. */
  async visibleText(): Promise<string> {
    const lines = this.page.locator('.editor-instance .view-lines').first();
    return (await lines.innerText()).replaceAll('\u00a0', ' ');
  }

  /** Runs a command by its title in the palette, e.g. "Layercake: Open Chat". */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }

  /** Sends a message in the chat view and yields its answer's element, which may still be growing. */
  async ask(text: string): Promise<Locator> {
    const answers = this.chat.locator('.answer');
    const next = answers.nth(await answers.count());
    await this.chat.locator('.composer textarea').fill(text);
    await this.chat.locator('.composer .send').click();
    await next.waitFor();
    return next;
  }

  /** Opens a file of the workspace by the quick open box, and puts the cursor into it. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await input.waitFor();
    await input.fill(name);
    await this.page
      .locator('.quick-input-list .monaco-list-row', { hasText: path.basename(name) })
      .first()
      .click();
    await this.page.locator('.tab.active', { hasText: path.basename(name) }).waitFor();
    await this.page.locator('.editor-instance .view-lines .view-line').first().click();
  }

  /** Replaces the workspace's settings, which are followed at once. */
  async useSettings(settings: Record<string, unknown>): Promise<void> {
    const folder = path.join(this.workspace, '.vscode');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings));
  }

  /** Shows the editor in another colour theme. */
  async useTheme(theme: string): Promise<void> {
    await this.useSettings({ 'workbench.colorTheme': theme });
  }

  /** Keeps a picture: test/e2e/shots/<name>.png. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(root, 'test/e2e/shots', `${name}.png`) });
  }

  /** For `afterEach`: how the editor looked when a test failed. */
  async screenshotIfFailed(task: RunnerTask): Promise<void> {
    if (task.result?.state === 'fail') await this.screenshot(`failed-${task.name.replaceAll(/\W+/g, '-')}`);
  }

  async close(): Promise<void> {
    await closeAll(this.cleanUp);
  }
}

async function closeAll(cleanUp: (() => Promise<unknown>)[]): Promise<void> {
  for (const each of cleanUp.reverse()) await each();
}
