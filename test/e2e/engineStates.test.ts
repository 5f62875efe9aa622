import { describe, expect, it } from 'vitest';
import type { AnswerStatus, EngineView } from '../../src/protocol/webview';
import { loadedModel } from '../support/loadedModel';
import type { ChatStand } from '../support/chatStand';
import { chatStandForEach } from '../support/chatStandForEach';
import { answerView, chatSnapshot } from '../support/longConversation';

/** What the chat page says of an engine that is busy, silent or gone. */
describe('the chat page', () => {
  let stand: ChatStand;
  chatStandForEach((opened) => {
    stand = opened;
  });

  const text = (selector: string) => stand.page.locator(selector).innerText();
  const engine = (changes: Partial<EngineView>) =>
    stand.send({
      kind: 'engine',
      engine: {
        ...{ state: { kind: 'ready' }, model: loadedModel(), configuredModel: 'a.gguf', failure: undefined },
        ...changes,
      },
    });

  it('offers a restart and the log of an engine that is not heard, until it is heard again', async () => {
    await stand.send(chatSnapshot([answerView('a', 'Half an', true)]));
    await engine({ state: { kind: 'generating', rate: 3, tokens: 2 }, unresponsive: true });
    await stand.page.locator('.engine h3').waitFor();
    expect(await text('.engine')).toContain('The engine has not answered for 30 s');
    await stand.posted();
    await stand.page.getByRole('button', { name: 'Restart' }).click();
    await stand.page.locator('.engine').getByRole('button', { name: 'Show Log' }).click();
    expect(await stand.posted()).toEqual([{ kind: 'restartEngine' }, { kind: 'showLog' }]);
    await engine({ state: { kind: 'generating', rate: 3, tokens: 3 } });
    await stand.page.locator('.engine').waitFor({ state: 'hidden' });
  });

  it('says why the model is gone, and what loading took', async () => {
    await stand.send(chatSnapshot([answerView('a', 'Whole.')]));
    await engine({
      ...{ state: { kind: 'stopped' }, model: undefined },
      idleEnd: { minutes: 30, seconds: 12.4 },
    });
    await stand.page.locator('.engine h3').waitFor();
    expect(await text('.engine')).toContain(
      'Unloaded after 30 min without a request. The next message loads it again, which took 12 s last time (measured).',
    );
  });

  it.each<[string, AnswerStatus]>([
    ['Waiting for the model', { kind: 'waiting' }],
    ['Waiting: 1 request before this one', { kind: 'waiting', ahead: 1 }],
    ['Waiting: 3 requests before this one', { kind: 'waiting', ahead: 3 }],
    ['Paused for a shorter request', { kind: 'paused' }],
  ])('says of an answer that is held up: %s', async (said, status) => {
    await stand.send(chatSnapshot([{ ...answerView('a', '', true), status }]));
    await stand.drawn();
    expect((await text('.status')).trim()).toBe(said);
  });

  it('says under an answer how much of its prompt was not read again', async () => {
    await stand.send(chatSnapshot([answerView('a', 'Whole.')]));
    await stand.drawn();
    expect(await text('.stats')).toContain('reused 880 of 900 tokens');
  });
});
