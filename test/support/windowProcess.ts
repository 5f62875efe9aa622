/**
 * A window in a process of its own, which a test can kill: it starts the engine, loads, and asks for a long answer.
 * Prints "loaded" and the engine's process id, then "answering". Arguments: ENGINE FOLDER MODEL
 */
import { sharedLoad, sharedWindow } from './sharedWindow';

const [, , enginePath, folder, modelPath] = process.argv;
if (enginePath === undefined || folder === undefined || modelPath === undefined) {
  throw new Error('windowProcess ENGINE FOLDER MODEL');
}
const quiet = () => undefined;
const logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error };
const window = sharedWindow({ enginePath, folder, logger });
await window.load({ ...sharedLoad, modelPath });
console.log(`loaded ${window.snapshot.info?.pid ?? 0}`);
let isAnswering = false;
await window.chat(
  {
    kind: 'chat',
    messages: [{ role: 'user', content: 'Please count' }],
    sampling: { temperature: 0 },
    thinking: { mode: 'on' },
  },
  ({ kind }) => {
    if (kind !== 'text' || isAnswering) return;
    isAnswering = true;
    console.log('answering');
  },
  new AbortController().signal,
);
