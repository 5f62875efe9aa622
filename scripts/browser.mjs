// The headless browser that shows the VS Code server's editor to the tests.
import { chromium } from 'playwright-core';
import { serverFiles } from './vscodeServerInstall.mjs';

/**
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launchBrowser() {
  return chromium.launch({
    executablePath: serverFiles.browser,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: `${serverFiles.browserFolder}/lib`,
      FONTCONFIG_FILE: serverFiles.fontsConfig,
      HOME: serverFiles.browserFolder,
    },
  });
}

/** Size and manners of each page. */
export const pageOptions = {
  viewport: { width: 1280, height: 860 },
  reducedMotion: /** @type {const} */ ('reduce'),
};

/**
 * @typedef {'workbench' | 'view' | 'panel'} Target
 * The editor itself, our view (the chat), or our panel (the settings page).
 */

/**
 * Where to look for an element.
 *
 * @param {import('playwright-core').Page} page
 * @param {Target} [target]
 * @returns {Pick<import('playwright-core').FrameLocator, 'locator' | 'getByText'>}
 */
export function within(page, target = 'workbench') {
  if (target === 'workbench') return page;
  const ours = 'iframe.webview.ready[src*="extensionId=layercake.layercake"]';
  const frame =
    target === 'view' ? `${ours}[src*="purpose=webviewView"]` : `${ours}:not([src*="purpose=webviewView"])`;
  return page.frameLocator(frame).frameLocator('iframe#active-frame');
}
