import type { Engine, EngineSnapshot } from '../engineClient/engine';
import type { System } from '../hardware/system';
import type { Translate } from '../translate';
import { countedBetween, readCounters, type Counters } from './counters';
import { swappingBytes, tooSlow } from './limits';

export interface UnaskedDeps {
  engine: Pick<Engine, 'snapshot' | 'onDidChange'>;
  system: System;
  /** Milliseconds. */
  now: () => number;
  /** Shows a sentence with the button that opens Doctor. */
  offer: (message: string) => void;
  /** True while Doctor itself asks. */
  examining: () => boolean;
  t: Translate;
}

/** The first tokens say little of the rate. */
const leastTokens = 5;
const readMs = 5000;

/** Says once for each model, in a session, that its answers are hopelessly slow or that the machine swaps meanwhile. */
export class UnaskedWatch {
  readonly #told = new Set<string>();
  readonly #subscription: { dispose(): void };
  /** Since the running answer began. */
  #answer: { before: Promise<Counters>; readAt: number } | undefined;

  constructor(private readonly deps: UnaskedDeps) {
    this.#subscription = deps.engine.onDidChange((snapshot) => this.#follow(snapshot));
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #follow({ state, model, info }: EngineSnapshot): void {
    const answering = state.kind === 'prefilling' || state.kind === 'generating';
    if (!answering || model === undefined || this.#told.has(model.path) || this.deps.examining()) {
      this.#answer = undefined;
      return;
    }
    if (
      state.kind === 'generating' &&
      state.tokens >= leastTokens &&
      state.rate > 0 &&
      state.rate < tooSlow
    ) {
      const { t } = this.deps;
      this.#offer(
        model.path,
        t(
          '{0} writes {1} tokens a second. Doctor can tell what slows it down.',
          model.name,
          state.rate.toFixed(2),
        ),
      );
      return;
    }
    void this.#watchSwap(model, info?.pid);
  }

  async #watchSwap(model: { path: string; name: string }, pid: number | undefined): Promise<void> {
    const { system, now, t } = this.deps;
    this.#answer ??= { before: readCounters(system, pid), readAt: now() };
    const answer = this.#answer;
    if (now() - answer.readAt < readMs) return;
    answer.readAt = now();
    const { swapInBytes, swapOutBytes } = countedBetween(
      await answer.before,
      await readCounters(system, pid),
    );
    // The answer may have ended meanwhile, and with it what was compared.
    if (answer !== this.#answer || (swapInBytes ?? 0) + (swapOutBytes ?? 0) < swappingBytes) return;
    this.#offer(
      model.path,
      t('The machine is swapping while {0} answers. Doctor can tell what would help.', model.name),
    );
  }

  #offer(path: string, message: string): void {
    if (this.#told.has(path)) return;
    this.#told.add(path);
    this.#answer = undefined;
    this.deps.offer(message);
  }
}
