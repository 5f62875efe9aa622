import type { GgufTensor } from '../gguf/tensors';
import type { TensorMessage } from '../protocol/quantize';
import type { LevelProgress } from './makeLevel';

/** Before, the pace says little. */
const leastSeconds = 3;
const leastFraction = 0.02;

/** How far a job is: tensors differ in size by thousands, so that it is told in weights. */
export class TensorProgress {
  readonly #elements: ReadonlyMap<string, number>;
  readonly #all: number;
  #done = 0;
  #running = 0;
  #started: number | undefined;

  /** @param now milliseconds */
  constructor(
    tensors: readonly GgufTensor[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#elements = new Map(tensors.map(({ name, elements }) => [name, elements]));
    this.#all = tensors.reduce((sum, { elements }) => sum + elements, 0);
  }

  /** A tensor is begun, the one before it done. */
  begin({ index, count, name }: TensorMessage): LevelProgress {
    this.#started ??= this.now();
    this.#done += this.#running;
    this.#running = this.#elements.get(name) ?? 0;
    const fraction = this.#done / this.#all;
    const seconds = (this.now() - this.#started) / 1000;
    const steady = seconds >= leastSeconds && fraction >= leastFraction;
    return {
      fraction,
      index,
      count,
      secondsLeft: steady ? (seconds / fraction) * (1 - fraction) : undefined,
    };
  }
}
