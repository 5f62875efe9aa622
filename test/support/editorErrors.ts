import type { Page } from 'playwright-core';
import { editorNoise } from '../e2e/editorNoise';

/** Collects the errors of a page. What is ours always counts; of the editor's own, what is not known noise does. */
export class EditorErrors {
  private readonly found: { text: string; source: string }[] = [];

  constructor(page: Page) {
    page.on('pageerror', (error) => {
      this.found.push({ text: error.message, source: error.stack ?? '' });
    });
    page.on('console', (message) => {
      if (message.type() === 'error')
        this.found.push({ text: message.text(), source: message.location().url });
    });
    page.on('crash', () => this.found.push({ text: 'The page crashed.', source: '' }));
  }

  /** Each error that fails a run, with its place. */
  unexpected(): string[] {
    return this.found
      .filter(({ text, source }) => {
        const all = `${text} ${source}`;
        return isOurs(all) || !editorNoise.some(({ pattern }) => pattern.test(all));
      })
      .map(({ text, source }) => `${text.split('\n', 3).join('\n')} (${source})`);
  }
}

/** From our extension, or from a script of one of our pages. The editor's own frame of a page names us in its query. */
function isOurs(text: string): boolean {
  return /layercake\.layercake|\/dist\/webview\//i.test(text.replaceAll(/\?\S*/g, ''));
}
