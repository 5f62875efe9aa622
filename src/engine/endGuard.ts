import { log } from './log';

const tickMs = 1_000;
/** How many ticks nothing may move where nothing would be lost. */
const quietTicks = 3;
/** The same where conversations are not on disk yet: a whole batch, or a disk that others write to, takes so long. */
const savingTicks = 30;

/**
 * From now on kills the process where its end does not get on. Says once in a while that it lives, which is what
 * clients wait for that want to see it gone.
 * @param unsaved how many bytes are written of what must not be lost; undefined where nothing would be
 */
export function guardEnd(unsaved: () => number | undefined, kill: () => void): NodeJS.Timeout {
  let last: number | undefined;
  let quiet = 0;
  // Ticks, not a clock: a machine that slept does not pass for an end that hangs.
  return setInterval(() => {
    const written = unsaved();
    quiet = written === last ? quiet + 1 : 0;
    last = written;
    if (quiet >= (written === undefined ? quietTicks : savingTicks)) kill();
    else if (written === undefined) log('info', 'Ends: memory is being freed.');
    else log('info', `Ends: ${(written / 1e6).toFixed(0)} MB of conversations were written so far.`);
  }, tickMs);
}
