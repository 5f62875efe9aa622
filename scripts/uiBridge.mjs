// Lets a suite inside the extension host act on the page that shows the editor: it asks over HTTP, we do.
import http from 'node:http';
import path from 'node:path';
import { within } from './browser.mjs';

const limit = { timeout: 15_000 };

/**
 * @param {import('playwright-core').Page} page
 * @param {string} shots folder for screenshots
 * @returns {Promise<{ url: string, close: () => void }>} the suites' `test/support/hostBridge.ts` speaks to this address
 */
export async function startBridge(page, shots) {
  const act = actions(page, shots);
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => (body += text));
    request.on('end', async () => {
      const answer = await act(JSON.parse(body)).then(
        (value) => ({ value: value ?? null }),
        (error) => ({ error: error instanceof Error ? error.message : String(error) }),
      );
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

function actions(page, shots) {
  return async ({ op, selector, target, value }) => {
    const element = () => within(page, target).locator(selector);
    switch (op) {
      case 'click':
        return element().click(limit);
      case 'fill':
        return element().fill(value, limit);
      case 'text':
        return element().first().innerText(limit);
      case 'wait':
        return element().first().waitFor(limit);
      case 'count':
        return element().count();
      case 'press':
        return page.keyboard.press(value);
      case 'type':
        return page.keyboard.type(value);
      case 'screenshot':
        await page.screenshot({ path: path.join(shots, `${value}.png`) });
        return null;
      default:
        throw new Error(`The bridge knows no "${op}".`);
    }
  };
}
