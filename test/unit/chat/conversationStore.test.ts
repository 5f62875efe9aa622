import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  append,
  newAnswer,
  newConversation,
  updateAnswer,
  type Conversation,
} from '../../../src/chat/conversation';
import { ConversationStore } from '../../../src/chat/conversationStore';
import { silentLogger } from '../../../src/log';
import { startSession, temporaryFolder, words } from './fakes';

function open(folder: string): { store: ConversationStore; problems: string[] } {
  const problems: string[] = [];
  const onProblem = (message: string) => problems.push(message);
  return { store: new ConversationStore({ folder, words, log: silentLogger, onProblem }), problems };
}

function conversation(id: string, text: string, now = 1): Conversation {
  return append(
    newConversation(id, 'New', now),
    [{ role: 'user', id: `${id}-u`, text, attachments: [] }, newAnswer(`${id}-a`)],
    now,
  );
}

async function readBack(folder: string, id: string): Promise<Conversation | undefined> {
  const { store } = open(folder);
  await store.load();
  return store.read(id);
}

describe('ConversationStore', () => {
  it('gives back what was saved, newest first, and remembers which was open', async () => {
    const folder = temporaryFolder();
    const { store } = open(folder);
    const done = updateAnswer(conversation('a', 'Why?', 5), 'a-a', {
      ...{
        text: 'So.',
        thought: 'hm',
        thoughtSeconds: 1.5,
        status: { kind: 'done', stopReason: 'maxTokens' },
      },
      stats: { tokens: 1, tokensPerSecond: null, firstTokenSeconds: 2, promptTokens: 3, reusedTokens: 0 },
    });
    const memory = {
      ...{ firstMessageId: 'a-u', droppedTurns: 2, rereadTokens: 9, rereadSeconds: null, contextSize: 512 },
    };
    store.save({ ...done, memory });
    store.save(conversation('b', 'Later', 9));
    await store.setOpen('a');
    await store.flush();
    const second = open(folder).store;
    await second.load();
    expect(second.list().map(({ id, title }) => [id, title])).toEqual([
      ['b', 'Later'],
      ['a', 'Why?'],
    ]);
    expect(second.openId).toBe('a');
    expect(await second.read('a')).toEqual({ ...done, memory });
  });

  it('sets a damaged file aside, says so, and never writes over it', async () => {
    const folder = temporaryFolder();
    const { store } = open(folder);
    store.save(conversation('good', 'Hello'));
    await store.flush();
    const damaged = ['{"version":1,"id":"cut","mess', '{"version":1,"id":"wrong"}'];
    fs.writeFileSync(path.join(folder, 'cut.json'), damaged[0] ?? '');
    fs.writeFileSync(path.join(folder, 'wrong.json'), damaged[1] ?? '');
    const second = open(folder);
    await second.store.load();
    expect(second.store.list().map(({ id }) => id)).toEqual(['good']);
    expect(second.problems).toHaveLength(2);
    const aside = fs.readdirSync(folder).filter((name) => /\.json\.damaged-\d+$/.test(name));
    expect(aside.map((name) => fs.readFileSync(path.join(folder, name), 'utf8')).sort()).toEqual(
      damaged.sort(),
    );
    expect(second.problems.join()).toContain(aside[0]);
    const third = open(folder);
    await third.store.load();
    expect(third.problems).toEqual([]);
  });

  it('leaves a file of a newer version where it is', async () => {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'new.json'), '{"version":2}');
    const { store, problems } = open(folder);
    await store.load();
    expect(problems).toEqual([words.newerFile('new.json')]);
    expect(fs.readdirSync(folder)).toEqual(['new.json']);
  });

  it('survives saves on top of each other: the file is whole at each moment, the last one stays', async () => {
    const folder = temporaryFolder();
    const { store, problems } = open(folder);
    const writes: Promise<void>[] = [];
    for (let turn = 0; turn < 20; turn++) {
      store.save(conversation('a', `${turn} ${'x'.repeat(20_000)}`));
      writes.push(store.flush());
      if (turn % 10 === 9) {
        await writes[turn - 9];
        expect(await readBack(folder, 'a')).toBeDefined();
      }
    }
    store.save(conversation('a', 'last'));
    store.dispose();
    await Promise.all(writes);
    await vi.waitFor(async () => expect((await readBack(folder, 'a'))?.title).toBe('last'));
    expect(problems).toEqual([]);
    expect(fs.readdirSync(folder)).toEqual(['a.json']);
  });

  it('saves by itself, and at once on dispose', async () => {
    const folder = temporaryFolder();
    const first = open(folder).store;
    first.save(conversation('a', 'by itself'));
    await vi.waitFor(() => expect(fs.existsSync(path.join(folder, 'a.json'))).toBe(true), 3000);
    first.save(conversation('b', 'at once'));
    first.dispose();
    expect(fs.readFileSync(path.join(folder, 'b.json'), 'utf8')).toContain('at once');
  });

  it('keeps what it cannot write, says so, and writes it later', async () => {
    const folder = path.join(temporaryFolder(), 'conversations');
    fs.writeFileSync(folder, 'a file in the way');
    const { store, problems } = open(folder);
    store.save(conversation('a', 'Hello'));
    await store.flush();
    expect(problems).toHaveLength(1);
    fs.rmSync(folder);
    await store.flush();
    expect((await readBack(folder, 'a'))?.title).toBe('Hello');
  });

  it('deletes for good', async () => {
    const folder = temporaryFolder();
    const { store } = open(folder);
    store.save(conversation('a', 'Hello'));
    const writing = store.flush();
    await store.delete('a');
    await writing;
    expect(store.list()).toEqual([]);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe('conversations across a restart', () => {
  it('an answer that the end of the editor cut off keeps its text and says so', async () => {
    const first = startSession();
    await first.session.send('Tell me');
    // A write that is under way would end after the one of `dispose`, and be put right only then.
    const file = path.join(first.folder, `${first.session.current.id}.json`);
    await vi.waitFor(() => expect(fs.existsSync(file)).toBe(true));
    (await first.call(0)).text('Once');
    first.session.dispose();
    const second = startSession({ folder: first.folder });
    await second.session.start();
    expect(second.users()).toEqual(['Tell me']);
    expect(second.answer(0)).toMatchObject({
      ...{ text: 'Once', status: { kind: 'failed', message: words.interrupted, action: 'retry' } },
    });
    second.session.dispose();
  });

  it('is offered but not opened where windows share the folder', async () => {
    const first = startSession();
    await first.session.send('One');
    first.session.dispose();
    const second = startSession({ folder: first.folder, reopenLast: false });
    await second.session.start();
    expect(second.users()).toEqual([]);
    expect(second.session.conversations().map(({ title }) => title)).toEqual(['One']);
    second.session.dispose();
  });

  it('the message is on disk before the model has answered', async () => {
    const harness = startSession();
    const { session, folder } = harness;
    await session.send('Precious words');
    await harness.call(0);
    const file = path.join(folder, `${session.current.id}.json`);
    await vi.waitFor(() => expect(fs.readFileSync(file, 'utf8')).toContain('Precious words'), 800);
    session.dispose();
  });

  it('several are kept, renamed, opened and deleted', async () => {
    const harness = startSession();
    const { session } = harness;
    await session.send('One');
    (await harness.call(0)).end({ text: '1' });
    const one = session.current.id;
    await session.newConversation();
    await session.send('Two');
    // What is written is in order: the other one has to have been remembered, before this one is again.
    const remembered = () => fs.readFileSync(path.join(harness.folder, 'open'), 'utf8');
    await vi.waitFor(() => expect(remembered()).toBe(session.current.id));
    (await harness.call(1)).end({ text: '2' });
    await session.renameConversation(one, '  Number\none ');
    await session.openConversation(one);
    expect(harness.users()).toEqual(['One']);
    await vi.waitFor(() => expect(harness.answer(0).text).toBe('1'));
    await vi.waitFor(() => expect(remembered()).toBe(one));
    session.dispose();
    const next = startSession({ folder: harness.folder });
    await next.session.start();
    expect(next.session.current.title).toBe('Number one');
    expect(next.session.conversations()).toHaveLength(2);
    await next.session.deleteConversation(one);
    expect(next.users()).toEqual(['Two']);
    expect(next.session.conversations()).toHaveLength(1);
    next.session.dispose();
  });

  it('an answer goes on while another conversation is open, and a deleted one does not come back', async () => {
    const harness = startSession();
    const { session } = harness;
    await session.send('One');
    const one = session.current.id;
    const call = await harness.call(0);
    await session.newConversation();
    call.text('still here');
    expect(harness.users()).toEqual([]);
    await session.openConversation(one);
    expect(harness.answer(0).text).toBe('still here');
    await session.deleteConversation(one);
    expect(call.signal.aborted).toBe(true);
    call.text('!');
    call.end({ stopReason: 'cancelled' });
    await session.send('Two');
    expect((await harness.call(1)).request.messages.at(-1)?.content).toBe('Two');
    expect(session.conversations().map(({ title }) => title)).toEqual(['Two']);
    session.dispose();
  });
});
