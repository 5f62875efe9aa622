import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { launchBrowser } from '../../scripts/browser.mjs';
import { ChatStand } from './chatStand';

/** Opens a page for each test of a suite, all in one browser, and closes it after the test. */
export function chatStandForEach(opened: (stand: ChatStand) => void): void {
  let browser: Browser;
  let stand: ChatStand;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    stand = await ChatStand.open(browser);
    opened(stand);
  });
  afterEach(() => stand.close());
}
