import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PrefillRate } from '../../src/ask/prefillRate';
import { makeAttachment } from '../../src/chat/attachments';
import { chatWords } from '../../src/chat/chatWords';
import { systemClock } from '../../src/chat/clock';
import { systemMessage } from '../../src/chat/history';
import { TurnRunner } from '../../src/chat/turnRunner';
import { settingDefaults } from '../../src/contributions';
import { InlineConversation } from '../../src/inlineChat/inlineConversation';
import { silentLogger } from '../../src/log';
import { inlinePrompt } from '../../src/prompts/inlinePrompt';
import { TestEngine } from '../support/engineHarness';
import { starterPath } from '../support/starter';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.start();
});
afterAll(() => engine.client.shutdown());

const lines = 200;
const instruction =
  'Let the function that reads a conversation from disk try again once where the file is locked by another program, ' +
  'after a pause of a tenth of a second, and say so in the log at the level of debug. Keep all signatures as they are, ' +
  'and add no new dependency for it, please.';

/** Asks about the first lines of a file as a thread in the editor does; tokens of the prompt that was really read. */
async function promptTokens(path: string, modelPath: string): Promise<number> {
  const model = await engine.load(modelPath, { contextSize: 4096 });
  const runner = new TurnRunner({
    ...{
      engine: engine.client,
      kind: 'inline',
      thinking: { mode: 'off' },
      log: silentLogger,
      clock: systemClock,
    },
    readiness: { configuredPath: () => modelPath, ensureLoaded: () => Promise.resolve(model) },
    read: (key) => (key === 'sampling.maxTokens' ? (1 as never) : settingDefaults[key]),
    prefix: () => Promise.resolve(systemMessage({ base: inlinePrompt({ lines }), own: '', agents: '' })),
    budget: { fit: (attachments) => Promise.resolve(attachments) },
    rate: new PrefillRate(),
    words: chatWords((message) => message),
    describeFailure: ({ reason, detail }) => ({ message: `${reason}: ${detail}`, action: undefined }),
  });
  const conversation = new InlineConversation({
    ...{
      runner,
      newId: () => crypto.randomUUID(),
      now: Date.now,
      describe: String,
      onChange: () => undefined,
    },
  });
  const text = await readFile(path, 'utf8');
  const selection = { start: { line: 0, character: 0 }, end: { line: lines, character: 0 } };
  const attachment = makeAttachment({
    ...{ id: 'selection', path, uri: `file:///${path}`, languageId: 'typescript', text, selection },
  });
  expect(attachment.lines).toEqual({ start: 1, end: lines });
  const { status, stats } = await conversation.ask(instruction, (question) =>
    Promise.resolve({ text: question.text, attachments: [attachment] }),
  );
  expect(status).toMatchObject({ kind: 'done' });
  return stats?.promptTokens ?? Infinity;
}

it('reads an instruction of 60 tokens on 200 selected lines in under 2,600 tokens', async (context) => {
  const starter = starterPath(context);
  for (const path of ['src/chat/conversationStore.ts', 'src/engine/snapshots.ts']) {
    const tokens = await promptTokens(path, starter);
    const [words = 0, code = 0] = await engine.client.countTokens([instruction, await selected(path)]);
    expect(words).toBe(60);
    console.log(`${path}: ${tokens} tokens, ${code} of them code.`);
    expect(tokens).toBeLessThan(2600);
    // Whatever the code is: what goes with it stays small.
    expect(tokens - code - words).toBeLessThan(190);
  }
});

async function selected(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, lines).join('\n');
}
