/**
 * Acts on the editor's own page from a suite in the extension host: clicks, keys, text on the screen. Only where the
 * editor is the VS Code server in a headless browser; suites that need it begin with `needUi(this)`.
 */
import { skipBecause } from './hostSkip';

/** The editor itself, our view (the chat), or our panel (the settings page). */
export type UiTarget = 'workbench' | 'view' | 'panel';

const address = process.env['LAYERCAKE_UI'];

/** Skips the running test where nothing can act on the page. */
export function needUi(context: Mocha.Context): void {
  if (address === undefined) skipBecause(context, 'the desktop editor has no bridge to its page');
}

export const ui = {
  async click(selector: string, target?: UiTarget): Promise<void> {
    await ask({ op: 'click', selector, target });
  },
  /** Replaces the text of an input. */
  async fill(selector: string, value: string, target?: UiTarget): Promise<void> {
    await ask({ op: 'fill', selector, value, target });
  },
  /** Text of the first match, once there is one. */
  async text(selector: string, target?: UiTarget): Promise<string> {
    return String(await ask({ op: 'text', selector, target }));
  },
  /** Waits until a match is visible, at most 15 s. */
  async wait(selector: string, target?: UiTarget): Promise<void> {
    await ask({ op: 'wait', selector, target });
  },
  async count(selector: string, target?: UiTarget): Promise<number> {
    return Number(await ask({ op: 'count', selector, target }));
  },
  /** A key or chord by Playwright's names, e.g. "Control+Enter". */
  async press(value: string): Promise<void> {
    await ask({ op: 'press', value });
  },
  /** Types a text as a person would. */
  async type(value: string): Promise<void> {
    await ask({ op: 'type', value });
  },
  /** Keeps a picture of the whole editor: test/e2e/shots/<name>.png. */
  async screenshot(value: string): Promise<void> {
    await ask({ op: 'screenshot', value });
  },
};

interface UiRequest {
  op: keyof typeof ui;
  selector?: string;
  target?: UiTarget | undefined;
  value?: string;
}

async function ask(request: UiRequest): Promise<unknown> {
  if (address === undefined) throw new Error('Nothing can act on the page of this editor.');
  const response = await fetch(address, { method: 'POST', body: JSON.stringify(request) });
  const answer = (await response.json()) as { value?: unknown; error?: string };
  if (answer.error !== undefined) throw new Error(`${request.op} ${request.selector ?? ''}: ${answer.error}`);
  return answer.value;
}
