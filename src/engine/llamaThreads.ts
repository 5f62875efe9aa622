import type { Llama } from 'node-llama-cpp';

/** Threads of prefill and of decode. llama.cpp holds a number for each, of which the library sets both to one. */
export class LlamaThreads {
  constructor(
    private readonly llama: Llama,
    private readonly counts: { decode: number; prefill: number },
  ) {
    llama.maxThreads = counts.decode;
  }

  /** Runs an evaluation with the threads of prefill. Nothing else must be evaluated meanwhile. */
  async prefill(evaluate: () => Promise<void>): Promise<void> {
    this.llama.maxThreads = this.counts.prefill;
    try {
      await evaluate();
    } finally {
      this.llama.maxThreads = this.counts.decode;
    }
  }
}
