// The engine on a disk that takes 8 s for a state, however small it is: a program to be started in the engine's place.
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { LlamaContextSequence } from 'node-llama-cpp';

const steps = 40;
const stepMs = 200;

const { saveStateToFile } = LlamaContextSequence.prototype;
LlamaContextSequence.prototype.saveStateToFile = async function (path) {
  const result = await saveStateToFile.call(this, `${path}.whole`);
  const bytes = await readFile(`${path}.whole`);
  await rm(`${path}.whole`);
  await writeFile(path, '');
  for (let step = 0; step < steps; step++) {
    const at = (part) => Math.floor((bytes.length * part) / steps);
    await delay(stepMs);
    await appendFile(path, bytes.subarray(at(step), at(step + 1)));
  }
  return result;
};

await import(new URL('../../dist/engine.mjs', import.meta.url).href);
