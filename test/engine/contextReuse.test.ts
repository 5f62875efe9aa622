import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attachment } from '../../src/chat/chatApi';
import { newAnswer, type Message } from '../../src/chat/conversation';
import { Drafts } from '../../src/chat/drafts';
import { renderTurns, systemMessage } from '../../src/chat/history';
import type { ChatMessage } from '../../src/protocol/engine';
import { shortAnswer } from '../support/defaultScripts';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';

/** What is said with each message stands in an order that lets the next prompt begin as the last one did. */
describe('context in prompts', () => {
  let engine: TestEngine;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    engine = await TestEngine.start();
    await engine.load((await writeScriptedModel(join(folder.path, 'scripted.gguf'))).path);
  });
  afterAll(async () => {
    await engine.client.shutdown();
    await folder.remove();
  });

  const chip = (name: string, kind: Attachment['kind'], text = name.repeat(30)): Attachment => ({
    ...{ id: name, label: name, path: name, uri: `file:///${name}`, languageId: 'typescript', text },
    ...(kind && { kind }),
  });
  /** A message as the chat sends it, with its chips in whatever order a person added them. */
  const asked = (id: string, ...chips: Attachment[]): Message => {
    const drafts = new Drafts();
    for (const each of chips) drafts.attach(each);
    return { role: 'user', id, text: 'Say it briefly', attachments: drafts.take().attachments };
  };
  const prompt = (...messages: Message[]): ChatMessage[] => [
    systemMessage({ base: 'Answer about the code.', own: '', agents: 'Use tabs.' }),
    ...renderTurns(messages).flatMap((turn) => turn.messages),
  ];

  it('are read once: a second turn with one more chip reuses all of the first', async () => {
    const first = asked('1', chip('queue.ts', 'file'));
    const one = await engine.ask(prompt(first));
    const answer: Message = {
      ...newAnswer('a'),
      text: one.result.text,
      status: { kind: 'done', stopReason: 'end' },
    };
    const two = await engine.ask(prompt(first, answer, asked('2', chip('jobs.ts', 'file'))));
    expect(two.streamed).toBe(shortAnswer);
    expect(two.result.reusedTokens).toBeGreaterThanOrEqual(one.result.promptTokens);
  });

  it('have files before what changes: the same files are not read again for another selection', async () => {
    const file = chip('a.ts', 'file');
    await engine.ask(
      prompt(asked('1', chip('s', 'selection', 'one'), file, chip('t', 'terminal', 'failed'))),
    );
    const [{ content } = { content: '' }] = prompt(asked('1', file)).slice(1);
    const [fileTokens = 0] = await engine.client.countTokens([content.replace('Say it briefly', '')]);
    const again = asked('1', file, chip('t', 'terminal', 'passed'), chip('s', 'selection', 'two'));
    const { result } = await engine.ask(prompt(again));
    expect(result.reusedTokens).toBeGreaterThanOrEqual(fileTokens - 2);
    expect(result.reusedTokens).toBeLessThan(result.promptTokens);
  });
});
