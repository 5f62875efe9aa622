import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ChatCommand, ComposerOffer } from '../../src/protocol/webview';
import type { ChatStand } from '../support/chatStand';
import { chatStandForEach } from '../support/chatStandForEach';
import { chatSnapshot } from '../support/longConversation';

const offer = (insert: string, kind: ComposerOffer['kind'] = 'file'): ComposerOffer => ({
  ...{ insert, label: insert.slice(1), detail: '', kind },
});

/** The input of the built page, without an editor. */
describe('completion in the chat page', () => {
  let stand: ChatStand;
  chatStandForEach((opened) => {
    stand = opened;
  });

  const input = (): Locator => stand.page.locator('.composer textarea');
  const list = (): Locator => stand.page.locator('.completion');
  const active = (): Promise<string> =>
    stand.page.locator('.completion-row[aria-selected="true"]').innerText();
  const posted = async (kind: ChatCommand['kind']): Promise<ChatCommand[]> =>
    (await stand.posted()).filter((command) => command.kind === kind);

  /** Types a text, and answers what the page then asks last. */
  async function type(text: string, ...offers: ComposerOffer[]): Promise<string> {
    await input().focus();
    await stand.page.keyboard.type(text);
    const last = (await posted('complete')).at(-1);
    if (last?.kind !== 'complete') return '';
    await stand.send({ kind: 'completions', request: last.request, offers });
    await stand.drawn();
    return last.typed;
  }

  it('asks for what is typed after "@", and a chosen name becomes a chip', async () => {
    await stand.send(chatSnapshot([]));
    expect(await type('Compare @qu', offer('@file:src/queue.ts'), offer('@folder:src', 'folder'))).toBe(
      '@qu',
    );
    await stand.page.keyboard.press('ArrowDown');
    expect(await active()).toBe('folder:src');
    await stand.page.keyboard.press('ArrowDown');
    expect(await active()).toBe('file:src/queue.ts');
    await stand.page.keyboard.press('Enter');
    expect(await posted('mention')).toEqual([{ kind: 'mention', text: '@file:src/queue.ts' }]);
    expect(await input().inputValue()).toBe('Compare src/queue.ts ');
    expect(await list().isHidden()).toBe(true);
    await type('with @fo', offer('@folder:src', 'folder'));
    await list().locator('.completion-row').first().click();
    expect(await posted('mention')).toEqual([{ kind: 'mention', text: '@folder:src' }]);
    await stand.page.keyboard.press('Enter');
    expect(await posted('send')).toEqual([{ kind: 'send', text: 'Compare src/queue.ts with src' }]);
  });

  it('goes on from a kind to its names', async () => {
    await stand.send(chatSnapshot([]));
    await type('@fi', offer('@file:'));
    await stand.page.keyboard.press('Tab');
    expect(await input().inputValue()).toBe('@file:');
    expect(await posted('complete')).toMatchObject([{ typed: '@file:' }]);
  });

  it('puts the name of a prompt in, at the beginning alone', async () => {
    await stand.send(chatSnapshot([]));
    expect(await type('/re', offer('/review', 'prompt'))).toBe('/re');
    await stand.page.keyboard.press('Enter');
    expect(await input().inputValue()).toBe('/review ');
    expect(await type('and /re')).toBe('');
    await stand.page.keyboard.press('Enter');
    expect(await posted('send')).toEqual([{ kind: 'send', text: '/review and /re' }]);
  });

  it('is closed by Escape, which stops nothing, and ignores answers to what was typed before', async () => {
    await stand.send(chatSnapshot([]));
    await type('@a', offer('@file:a.ts'));
    expect(await list().isVisible()).toBe(true);
    await stand.page.keyboard.press('Escape');
    expect(await list().isHidden()).toBe(true);
    expect(await posted('stop')).toEqual([]);
    await stand.page.keyboard.type('b');
    const [first] = await posted('complete');
    await stand.page.keyboard.type('c');
    if (first?.kind !== 'complete') throw new Error('Nothing was asked.');
    await stand.send({ kind: 'completions', request: first.request, offers: [offer('@file:ab.ts')] });
    await stand.drawn();
    expect(await list().isHidden()).toBe(true);
  });

  it('makes a chip of a name that was written out, and takes the last chip back', async () => {
    const chip = { id: 'd', label: 'Changes', path: 'Changes', tokens: 12, seconds: 0.5 };
    await stand.send({ ...chatSnapshot([]), attachments: [chip] });
    await input().focus();
    await stand.page.keyboard.type('Why @diff and @file:"my notes.md" ');
    expect(await input().inputValue()).toBe('Why diff and my notes.md ');
    expect(await posted('mention')).toEqual([
      { kind: 'mention', text: '@diff' },
      { kind: 'mention', text: '@file:"my notes.md"' },
    ]);
    await input().fill('');
    await stand.page.keyboard.press('Backspace');
    expect(await posted('removeAttachment')).toEqual([{ kind: 'removeAttachment', id: 'd' }]);
  });
});
