import { describe, expect, it, vi } from 'vitest';
import { ended, exchange, start } from './chatSessionFixture';
import { FakeEngine } from './fakes';

describe('the context', () => {
  const size = 1000;
  it('drops whole turns in one step once it is full, and stays there', async () => {
    const harness = start({ engine: new FakeEngine(size) });
    for (let turn = 0; turn < 8; turn++) await exchange(harness, `${turn}`.repeat(50), 'x'.repeat(50));
    expect(harness.session.current.memory).toBeUndefined();
    // Prefix 6, eight turns of 100, and this: 906 with 100 kept for the answer is too much.
    await exchange(harness, 'y'.repeat(100), 'z');
    const contents = harness.engine.calls[8]?.request.messages.map(({ content }) => content) ?? [];
    expect(contents.join('').length).toBe(506);
    expect(contents[1]).toBe('4'.repeat(50));
    const begins = harness.session.snapshot().conversation.messages[8];
    expect(begins).toMatchObject({ role: 'user', memoryBegins: { droppedTurns: 4, rereadTokens: 500 } });
    await exchange(harness, 'w'.repeat(50), 'z');
    expect(harness.engine.calls[9]?.request.messages[1]?.content).toBe('4'.repeat(50));
  });

  it('refuses a message that cannot fit, with its size, and never asks the engine', async () => {
    const harness = start({ engine: new FakeEngine(size) });
    await exchange(harness, 'small', 'yes');
    await harness.session.send('b'.repeat(1200));
    await ended(harness, 1);
    expect(harness.engine.calls).toHaveLength(1);
    const { status } = harness.answer(1);
    expect(status).toMatchObject({ kind: 'failed', action: 'openSettings' });
    expect(status.kind === 'failed' ? status.message : '').toMatch(/needs 1,206 tokens, and 900 are free/);
    await exchange(harness, 'small again', 'yes');
    expect(harness.engine.calls[1]?.request.messages.map(({ content }) => content)).toEqual([
      ...['SYSTEM', 'small', 'yes', 'small again'],
    ]);
  });

  it('is whole again once a larger one is loaded', async () => {
    const harness = start({ engine: new FakeEngine(size) });
    for (let turn = 0; turn < 10; turn++) await exchange(harness, `${turn}`.repeat(50), 'x'.repeat(50));
    expect(harness.session.current.memory).toBeDefined();
    harness.engine.change({ model: { ...harness.engine.model, contextSize: 4000 } });
    await exchange(harness, 'more', 'yes');
    expect(harness.engine.calls[10]?.request.messages[1]?.content).toBe('0'.repeat(50));
    expect(harness.session.current.memory).toBeUndefined();
  });

  it('is shown with the share of AGENTS.md', async () => {
    const agents = { text: 'Use tabs.', truncated: false };
    const harness = start({ readAgents: () => Promise.resolve(agents) });
    harness.settings['chat.systemPrompt'] = 'Be kind.';
    await exchange(harness, 'Hi', 'Hello');
    const [system] = harness.engine.calls[0]?.request.messages ?? [];
    expect(system?.content).toMatch(/^SYSTEM\n\nBe kind\.\n\n.*AGENTS\.md.*\nUse tabs\.$/s);
    const total = (system?.content.length ?? 0) + 'Hi'.length + 'Hello'.length;
    await vi.waitFor(() =>
      expect(harness.session.snapshot().context).toMatchObject({ usedTokens: total, totalTokens: 10_000 }),
    );
    expect(harness.session.snapshot().context?.agentsTokens).toBeGreaterThan('Use tabs.'.length);
    harness.settings['chat.useAgentsFile'] = false;
    await exchange(harness, 'Bye', 'Bye');
    expect(harness.engine.calls[1]?.request.messages[0]?.content).toBe('SYSTEM\n\nBe kind.');
  });
});
