import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import { chatProgress, chatRequest, endRequest, farewellNotification } from '../../../src/protocol/engine';
import { engine, failureOf, start } from './engineClientFixture';
import { type FakeProcess } from './fakeProcess';
import { KeepingLogger } from './keepingLogger';
import { requestFor } from './samples';

describe('the end', () => {
  const answerThatNeverEnds = (onBegun: (process: FakeProcess) => void, onEnd = () => 0) =>
    engine((connection, process) => {
      connection.onRequest(endRequest, () => {
        onEnd();
        return null;
      });
      connection.onRequest(chatRequest, async ({ progressToken }) => {
        await connection.sendProgress(chatProgress, progressToken, {
          kind: 'text',
          text: 'Hel',
          tokens: 1,
          tokensPerSecond: 1,
        });
        onBegun(process);
        return await new Promise<never>(() => undefined);
      });
    });

  it('of the process fails every request with its cause', async () => {
    const spawner = answerThatNeverEnds((process) => {
      process.print('CUDA error: out of memory');
      process.exit({ code: null, signal: 'SIGABRT' });
    });
    const logger = new KeepingLogger();
    const started = await start(spawner, { logger });
    const crashed = { reason: 'crashed', detail: 'SIGABRT: CUDA error: out of memory' };
    let text = '';
    const failures = await Promise.all([
      failureOf(
        started.chat(requestFor('x'), (progress) => (text += progress.kind === 'text' ? progress.text : '')),
      ),
      failureOf(started.measure([])),
    ]);
    expect(failures).toEqual([crashed, crashed]);
    expect(text).toBe('Hel');
    expect((await started.ended)?.failure).toEqual(crashed);
    expect(await failureOf(started.countTokens(['x']))).toEqual(crashed);
    expect(logger.lines.join('\n')).toContain('CUDA error: out of memory');
  });

  it('of the connection alone is a crash too, and the process is killed', async () => {
    const spawner = answerThatNeverEnds((process) => {
      process.stubborn = true;
      process.connections[0]?.destroy();
    });
    const started = await start(spawner);
    expect(await failureOf(started.chat(requestFor('x'), () => undefined))).toEqual({
      reason: 'crashed',
      detail: 'connection lost',
    });
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
  });

  it('by shutdown asks the process to end and keeps what came', async () => {
    let asked = 0;
    const spawner = answerThatNeverEnds(
      () => undefined,
      () => asked++,
    );
    const started = await start(spawner);
    const result = await started.chat(requestFor('x'), () => void started.shutdown());
    expect([result.stopReason, result.text]).toEqual(['cancelled', 'Hel']);
    expect(await started.ended).toBeUndefined();
    await started.shutdown();
    expect([asked, spawner.last?.kills]).toEqual([1, []]);
    expect(existsSync(spawner.last?.socketPath ?? '')).toBe(false);
  });

  it('by shutdown kills a process that does not go', async () => {
    const spawner = engine((_connection, process) => {
      process.stubborn = true;
    });
    const started = await start(spawner);
    await started.shutdown(50);
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
  });

  it('by shutdown leaves a process alone that says that it still works, and kills it once it is silent', async () => {
    let said = 0;
    const spawner = engine((_connection, process) => {
      process.stubborn = true;
    });
    const started = await start(spawner);
    const process = spawner.last;
    const saying = setInterval(() => {
      process?.print('[info] Ends: 100 MB of conversations were written so far.');
      if (++said === 8) clearInterval(saying);
    }, 60);
    await started.shutdown(300);
    expect([said, process?.kills]).toEqual([8, ['SIGKILL']]);
  });

  it('by leaving is none of the process, and requests end as cancelled', async () => {
    const spawner = answerThatNeverEnds((process) => {
      process.stubborn = true;
    });
    const started = await start(spawner);
    const result = await started.chat(requestFor('x'), () => started.leave());
    expect([result.stopReason, result.text]).toEqual(['cancelled', 'Hel']);
    expect(await started.ended).toBeUndefined();
    expect(spawner.last?.kills).toEqual([]);
  });

  it('that the engine announces is no crash', async () => {
    const spawner = engine((connection, process) =>
      connection.onRequest(chatRequest, async () => {
        await connection.sendNotification(farewellNotification, { reason: 'unloaded', loadMs: 7 });
        process.exit({ code: 0, signal: null });
        return await new Promise<never>(() => undefined);
      }),
    );
    const started = await start(spawner);
    const result = await started.chat(requestFor('x'), () => undefined);
    expect(result.stopReason).toBe('cancelled');
    expect(await started.ended).toBeUndefined();
    expect(started.farewell).toEqual({ reason: 'unloaded', loadMs: 7 });
  });

  it('by dispose kills at once', async () => {
    const spawner = engine();
    const started = await start(spawner);
    started.dispose();
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
    await expect(started.countTokens(['x'])).rejects.toBeInstanceOf(CancelledError);
  });
});
