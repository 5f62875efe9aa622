import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../src/protocol/webview';
import type { ChatStand } from '../support/chatStand';
import { chatStandForEach } from '../support/chatStandForEach';
import { longCode } from '../support/longBlocks';
import { answerView, chatSnapshot, longConversation, markdownText } from '../support/longConversation';
import { listMarkdown, markdown } from '../support/randomMarkdown';

/** The built page without an editor, by the protocol alone. */
describe('the chat page', () => {
  let stand: ChatStand;
  chatStandForEach((opened) => {
    stand = opened;
  });

  const evaluate = <Result>(script: string): Promise<Result> => stand.page.evaluate<Result>(script);

  /** The next piece of the answer `a`, which has `before` already. */
  const piece = (before: string, text: string): ChatEvent => ({
    ...{ kind: 'stream', answerId: 'a', textOffset: before.length, text, thoughtOffset: 0, thought: '' },
    status: { kind: 'streaming', tokensPerSecond: 20 },
  });

  /** Distance of the view's end from that of the conversation, in pixels. */
  const belowView = (): Promise<number> =>
    evaluate(`(() => {
      const { scrollHeight, scrollTop, clientHeight } = document.querySelector('.scroller');
      return Math.round(scrollHeight - scrollTop - clientHeight);
    })()`);

  /** The first message in view, and how far down it begins. */
  const place = (): Promise<{ id: string; offset: number }> =>
    evaluate(`(() => {
      const { top } = document.querySelector('.scroller').getBoundingClientRect();
      const messages = [...document.querySelectorAll('.message')];
      const first = messages.find((message) => message.getBoundingClientRect().bottom > top);
      return { id: first.dataset.id, offset: Math.round(first.getBoundingClientRect().top - top) };
    })()`);

  it('shows a streamed answer as it shows the whole one, whatever it is and in whatever pieces it comes', async () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(markdown, listMarkdown), cuts, async (text, shares) => {
        const ends = shares.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b);
        await stand.send(chatSnapshot([answerView('a', '', true)], 'streamed'));
        let before = '';
        for (const end of ends) {
          await stand.send(piece(before, text.slice(before.length, end)));
          await stand.drawn();
          before = text.slice(0, end);
        }
        await stand.send(chatSnapshot([answerView('a', text)], 'streamed'));
        await stand.drawn();
        const streamed = await evaluate<string>(`document.querySelector('.markdown').innerHTML`);
        await stand.send(chatSnapshot([answerView('a', text)], 'whole'));
        await stand.drawn();
        expect(streamed).toBe(await evaluate<string>(`document.querySelector('.markdown').innerHTML`));
      }),
      { numRuns: 60 },
    );
  });

  it('colours long code piece by piece, as it streams in and at once alike, also across the edges of pieces', async () => {
    const text = longCode(20_000);
    const comments = text.match(/\/\*\*.*?\*\//gs) ?? [];
    const count = (): Promise<number> => evaluate(`document.querySelectorAll('.hljs-comment').length`);
    const shown = (): Promise<{ html: string; code: string; comments: string[] }> =>
      evaluate(`({
        html: document.querySelector('.markdown').innerHTML,
        code: document.querySelector('.markdown pre').textContent,
        comments: [...document.querySelectorAll('.hljs-comment')].map((node) => node.textContent),
      })`);
    await stand.send(chatSnapshot([answerView('a', '', true)], 'streamed'));
    for (let end = 0; end < text.length; end += 700) {
      await stand.send(piece(text.slice(0, end), text.slice(end, end + 700)));
      await stand.drawn();
    }
    await stand.send(chatSnapshot([answerView('a', text)], 'streamed'));
    await stand.drawn();
    const streamed = await shown();
    await stand.send(chatSnapshot([answerView('a', text)], 'whole'));
    await expect.poll(count).toBe(comments.length);
    await expect.poll(shown).toEqual(streamed);
    expect(streamed.comments).toEqual(comments);
    expect(streamed.code).toBe(text.slice('```ts\n'.length, -'\n```'.length));
  });

  it('makes nothing of an answer but what can be read and clicked', async () => {
    const text = [
      '<script>window.ran = 1</script> <img src=x onerror="window.ran = 1">',
      '[a](javascript:window.ran=1) [b](command:x) ![c](https://example.org/x.png) [d](src/q.ts "title")',
      '```html"onmouseover="window.ran=1\n<script>window.ran = 1</script>\n```',
    ].join('\n\n');
    await stand.send(chatSnapshot([answerView('a', text)]));
    const found = await evaluate<unknown>(`({
      elements: [...new Set([...document.querySelectorAll('.markdown *')].map(({ localName }) => localName))].sort(),
      links: [...document.querySelectorAll('.markdown a')].map((link) => link.getAttribute('href')),
      ran: window.ran ?? 0,
    })`);
    expect(found).toEqual({
      elements: ['a', 'button', 'code', 'div', 'p', 'pre', 'span'],
      links: ['https://example.org/x.png', 'src/q.ts'],
      ran: 0,
    });
  });

  it('keeps a selection in what is finished, and in finished items of a list that grows', async () => {
    const start = 'First paragraph.\n\n- one item\n- two';
    await stand.send(chatSnapshot([answerView('a', start, true)]));
    const select = (selector: string): Promise<void> =>
      evaluate(`getSelection().selectAllChildren(document.querySelector('${selector}'))`);
    const selected = (): Promise<string> => evaluate('String(getSelection())');
    await select('.markdown li');
    await stand.send(piece(start, ' items\n- three'));
    await stand.drawn();
    expect(await selected()).toBe('one item');
    await select('.markdown p');
    await stand.send(piece(`${start} items\n- three`, '\n\nThe end.'));
    await stand.drawn();
    await stand.send(chatSnapshot([answerView('a', `${start} items\n- three\n\nThe end.`)]));
    await stand.drawn();
    expect(await selected()).toBe('First paragraph.');
    expect(await stand.page.locator('.markdown > *').allInnerTexts()).toEqual([
      ...['First paragraph.', 'one item\ntwo items\nthree', 'The end.'],
    ]);
  });

  it('asks for a whole snapshot where a piece was missed, and goes on from it', async () => {
    await stand.send(chatSnapshot([answerView('a', 'One', true)]));
    await stand.posted();
    await stand.send(piece('One two', ' three'));
    expect(await stand.posted()).toEqual([{ kind: 'ready' }]);
    await stand.send(chatSnapshot([answerView('a', 'One two three', true)]));
    await stand.send(piece('One two three', ' four'));
    await stand.drawn();
    expect(await stand.page.locator('.markdown').innerText()).toBe('One two three four');
  });

  describe('with 500 messages', () => {
    const messages = longConversation(499);

    it('opens at its end and follows an answer there', async () => {
      await stand.send(chatSnapshot([...messages, answerView('a', '', true)]));
      await stand.drawn();
      expect(await belowView()).toBe(0);
      const text = markdownText(3);
      for (let end = 0; end < text.length; end += 200) {
        await stand.send(piece(text.slice(0, end), text.slice(end, end + 200)));
        await stand.drawn();
        expect(await belowView()).toBe(0);
      }
    });

    it('stays where the person has scrolled to while an answer grows, until they go back', async () => {
      await stand.send(chatSnapshot([...messages, answerView('a', '', true)]));
      await stand.drawn();
      await stand.page.locator('.scroller').hover();
      await stand.page.mouse.wheel(0, -3000);
      await expect.poll(() => belowView()).toBeGreaterThan(2500);
      await stand.drawn();
      const before = await place();
      await stand.send(piece('', markdownText(3)));
      await stand.drawn();
      expect(await place()).toEqual(before);
      await stand.page.locator('.jump').click();
      await expect.poll(() => belowView()).toBe(0);
    });

    it('shows whole messages wherever it is scrolled to, before their turn', async () => {
      await stand.send(chatSnapshot(messages));
      await evaluate(`document.querySelector('.scroller').scrollTop = 20_000`);
      await stand.drawn();
      const { id } = await place();
      expect(Number(id.slice(1))).toBeLessThan(400);
      expect(await stand.page.locator(`[data-id="${id}"]`).innerText()).not.toBe('');
    });

    it('holds every message in order after a while, also for screen readers', async () => {
      await stand.send(chatSnapshot(messages));
      const texts = (): Promise<string[]> =>
        evaluate(`[...document.querySelectorAll('.message')].map((message) => message.textContent)`);
      await expect
        .poll(async () => (await texts()).every((text) => text !== ''), { timeout: 60_000 })
        .toBe(true);
      const numbers = (await texts()).map((text) => /(?:Question|Answer) (\d+)/.exec(text)?.[1]);
      expect(numbers).toEqual(messages.map((_, index) => String(index)));
      const outline = await stand.page.locator('.messages').ariaSnapshot();
      expect(outline.indexOf('Question 0:')).toBeGreaterThan(0);
      expect(outline.indexOf('Question 498:')).toBeGreaterThan(outline.indexOf('Question 0:'));
    });

    it('comes back to the message where it was left', async () => {
      await stand.send(chatSnapshot(messages));
      await stand.drawn();
      await stand.page.locator('.scroller').hover();
      await stand.page.mouse.wheel(0, -12_000);
      await expect.poll(() => belowView()).toBeGreaterThan(10_000);
      await expect
        .poll(() => evaluate<string>(`sessionStorage.getItem('state') ?? ''`))
        .toContain('"message"');
      await stand.page.waitForTimeout(500);
      const before = await place();
      await stand.load();
      // What was saved stands while the page has nothing to show yet.
      await stand.page.waitForTimeout(500);
      await stand.send(chatSnapshot(messages));
      await stand.drawn();
      expect(await place()).toEqual(before);
    });
  });
});
