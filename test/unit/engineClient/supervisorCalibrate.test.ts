import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { calibration } from './fakeClient';
import { requestFor, resultOf } from './samples';
import { never, optionsA, SupervisorFixture } from './supervisorFixture';

it('a calibration ends answers and unloads the model, which the next chat loads again', async () => {
  const fixture = new SupervisorFixture();
  const client = await fixture.loaded();
  const answer = fixture.supervisor.chat(requestFor('a'), () => undefined, never);
  await turn();
  const calibrating = fixture.supervisor.calibrate();
  await turn();
  expect(client.chats[0]?.signal?.aborted).toBe(true);
  client.chats[0]?.resolve(resultOf('', 'cancelled'));
  expect((await answer).stopReason).toBe('cancelled');
  expect(await calibrating).toEqual(calibration);
  expect(fixture.supervisor.snapshot).toMatchObject({ state: { kind: 'stopped' }, model: undefined });

  void fixture.supervisor.chat(requestFor('b'), () => undefined, never);
  await turn();
  expect(client.loads.map(({ options }) => options)).toEqual([optionsA, optionsA]);
  fixture.supervisor.dispose();
});
