import type { Browser } from 'playwright-core';
import { launchBrowser } from '../scripts/browser.mjs';
import { ensureServer, whyNoServer } from '../scripts/vscodeServerInstall.mjs';
import { AnswerStream } from '../src/chat/answerStream';
import { systemClock } from '../src/chat/clock';
import { newAnswer, type Answer } from '../src/chat/conversation';
import type { ChatEvent } from '../src/protocol/webview';
import { ChatStand } from '../test/support/chatStand';
import { longCode, longList, longTable } from '../test/support/longBlocks';
import { answerView, chatSnapshot, longConversation, markdownText } from '../test/support/longConversation';
import { median, type Figure } from './figure';
import { FrameTrace, type Frame } from './frameTrace';

const messageCount = 500;
const tokensPerSecond = 200;
const charactersPerToken = 4;
/** Seconds of streaming: an answer of 4,000 tokens at its end. */
const seconds = 20;
/** Seconds for which the end of a single long block streams in; the rest of it is there already. */
const blockSeconds = 8;
const listItems = 1000;
const tableRows = 300;
const codeCharacters = 59_000;
/** Fresh pages, of which the median counts. */
const openings = 5;
/** Time for what is done in idle time. Milliseconds. */
const settleMs = 2000;
const lastWords = 'That is all.';
/** Milliseconds. */
const frameLimit = 16;
const openLimit = 200;

/**
 * The built chat page in a headless browser: 200 tok/s into a conversation of 500 messages, through the extension's
 * own gathering of pieces, and how soon such a conversation shows. A frame's figure is the work of the page's main
 * thread (script, style, layout, paint) by that thread's clock: the time between frames depends on the rest of the
 * machine, and is told beside it.
 */
export async function benchPage(): Promise<Figure[]> {
  const reason = whyNoServer();
  if (reason !== undefined) {
    console.error(`The page is left out: ${reason}.`);
    return [];
  }
  await ensureServer();
  const browser = await launchBrowser();
  try {
    return [
      await benchOpening(browser),
      await benchStreaming(browser, `into ${messageCount} messages`, markdownText(20), seconds),
      await benchStreaming(browser, `into a list of ${listItems} items`, longList(listItems), blockSeconds),
      await benchStreaming(browser, `into a table of ${tableRows} rows`, longTable(tableRows), blockSeconds),
      await benchStreaming(
        browser,
        `into ${codeCharacters} characters of code`,
        longCode(codeCharacters),
        blockSeconds,
      ),
    ];
  } finally {
    await browser.close();
  }
}

async function benchOpening(browser: Browser): Promise<Figure> {
  const times: number[] = [];
  for (let index = 0; index < openings; index++) times.push(await openOnce(browser));
  const value = median(times);
  return {
    name: `page, a conversation of ${messageCount} messages opens (longest of ${openings} ${ms(Math.max(...times))})`,
    ...{ value, unit: 'ms', peer: null, bar: `< ${openLimit} ms`, pass: value < openLimit },
  };
}

/** Milliseconds from the snapshot's arrival in a fresh page until the frame that shows the conversation's end. */
async function openOnce(browser: Browser): Promise<number> {
  const stand = await ChatStand.open(browser);
  await stand.send(chatSnapshot([], 'empty'));
  await stand.drawn();
  const snapshot = JSON.stringify(chatSnapshot(longConversation(messageCount)));
  // Ends behind the frame that the page draws in answer; the end of the last message must be on it.
  const opened = await stand.page.evaluate<{ ms: number; text: string }>(`new Promise((done) => {
    const snapshot = ${snapshot};
    const began = performance.now();
    window.addEventListener('message', () => requestAnimationFrame(() => setTimeout(() => {
      const { left, bottom } = document.querySelector('.scroller').getBoundingClientRect();
      const ms = performance.now() - began;
      done({ ms, text: document.elementFromPoint(left + 30, bottom - 70).closest('.message').innerText });
    })), { once: true });
    window.postMessage(snapshot, '*');
  })`);
  await stand.close();
  if (!opened.text.includes('cold cache')) {
    throw new Error(`The page did not open at the end of the conversation, but shows: ${opened.text}`);
  }
  return opened.ms;
}

/** The last `seconds` of `text` stream in, and it is finished. `where`: what it is, for the name. */
async function benchStreaming(
  browser: Browser,
  where: string,
  text: string,
  seconds: number,
): Promise<Figure> {
  const streamed = tokensPerSecond * charactersPerToken * seconds;
  const start = Math.max(0, text.length - streamed);
  const whole = `${text.slice(0, start + streamed)}\n\n${lastWords}`;
  const stand = await ChatStand.open(browser);
  const messages = longConversation(messageCount - 1);
  const id = `m${messageCount - 1}`;
  await stand.send(chatSnapshot([...messages, answerView(id, whole.slice(0, start), true)]));
  // What a page does in idle time after it was opened is not of this figure.
  await stand.page.waitForTimeout(settleMs);
  const trace = await FrameTrace.start(browser);
  await stream({ ...newAnswer(id), text: whole }, start, async (event) => stand.send(event));
  await stand.send(chatSnapshot([...messages, answerView(id, whole)]));
  await stand.page.waitForTimeout(settleMs);
  const frames = await trace.stop();
  const shown = await stand.page.locator('.answer').last().locator('.markdown').innerText();
  await stand.close();
  if (!shown.trim().endsWith(lastWords))
    throw new Error('The page does not show the end of what was streamed.');
  const of = (key: keyof Frame): number[] => frames.map((frame) => frame[key]);
  const p95 = quantile(of('cpuMs'), 0.95);
  const beside = [
    `longest ${ms(Math.max(...of('cpuMs')))}`,
    `p95 by the wall clock ${ms(quantile(of('wallMs'), 0.95))}`,
    `p95 between frames ${ms(quantile(of('gapMs'), 0.95))}`,
    `${frames.length} frames`,
  ];
  return {
    name: `page, work a frame, p95, ${tokensPerSecond} tok/s ${where} (${beside.join(', ')})`,
    ...{ value: p95, unit: 'ms', peer: null, bar: `≤ ${frameLimit} ms`, pass: p95 <= frameLimit },
  };
}

/** Lets an answer grow by the token from `start` to its end, and sends what the extension would. */
async function stream(
  answer: Answer,
  start: number,
  send: (event: ChatEvent) => Promise<void>,
): Promise<void> {
  let sent = Promise.resolve();
  const answers = new AnswerStream(systemClock, (event) => {
    sent = sent.then(() => send(event));
  });
  answers.resync({ ...answer, text: answer.text.slice(0, start) });
  const began = performance.now();
  for (let end = start; end < answer.text.length;) {
    await new Promise((resolve) => setTimeout(resolve, 1000 / tokensPerSecond));
    const tokens = Math.floor(((performance.now() - began) / 1000) * tokensPerSecond);
    end = Math.min(answer.text.length, start + tokens * charactersPerToken);
    const status = { kind: 'streaming' as const, tokensPerSecond };
    answers.update({ ...answer, text: answer.text.slice(0, end), status });
  }
  // The last piece may still wait to be gathered.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await sent;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
