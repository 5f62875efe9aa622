import type { EngineState, Farewell, ServedModel } from '../protocol/engine';
import { readArguments, type EngineArguments } from './arguments';
import { openBackend } from './backend';
import { guardEnd } from './endGuard';
import { messageOf } from './failure';
import { LlamaLog } from './llamaLog';
import { log } from './log';
import { EngineServer } from './server';
import { EngineService } from './service';

/** How long to wait for the first client, ms. */
const firstClientMs = 30_000;
/** How long a loaded model waits for the next client, ms: a window that reloads finds it again. */
const lingerMs = 5_000;

async function run({ socketPath, backend, token, snapshotFolder }: EngineArguments): Promise<void> {
  const llamaLog = new LlamaLog(log);
  const opened = await openBackend(backend, llamaLog);
  let ending = false;
  const end = (reason: string) => {
    if (ending) return;
    ending = true;
    log('info', `Ends: ${reason}.`);
    const kill = () => process.kill(process.pid, 'SIGKILL');
    guardEnd(() => service.unsavedBytesWritten, kill);
    server.close();
    void service.dispose().finally(() => process.exit(0));
  };
  const sayFarewell = (farewell: Farewell, reason: string) =>
    void server.farewell(farewell).then(() => end(reason));
  const loadMs = () => service.served?.model.loadMs ?? null;
  let unwanted = setTimeout(() => end('no client came'), firstClientMs);
  const listener = {
    state: (state: EngineState) => server.broadcast(state),
    model: (served: ServedModel | null) => server.broadcastModel(served),
    idle: (idleMinutes: number) =>
      sayFarewell({ reason: 'idle', idleMinutes, loadMs: loadMs() }, `idle for ${idleMinutes} min`),
  };
  const service = new EngineService(opened, listener, snapshotFolder);
  const server = new EngineServer(service, token, {
    clients: (count) => {
      clearTimeout(unwanted);
      if (count > 0) return;
      const alone = () => end('the last client is gone');
      if (service.served === null) alone();
      else unwanted = setTimeout(alone, lingerMs);
    },
    end: () => sayFarewell({ reason: 'unloaded', loadMs: loadMs() }, 'a client asked for it'),
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => end(signal));
  await server.listen(socketPath);
}

try {
  const parsed = readArguments(process.argv.slice(2), process.env);
  // Nothing that this process starts shall see it.
  delete process.env['LAYERCAKE_TOKEN'];
  await run(parsed);
} catch (error) {
  process.stderr.write(`The engine cannot start: ${messageOf(error)}\n`);
  process.exit(1);
}
