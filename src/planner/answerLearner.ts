import type { Engine } from '../engineClient/engine';
import { learnAnswer, type AnswerRates } from '../plan/correction';
import { RateModel } from '../plan/rates';
import { shapeOf } from '../plan/shapeOf';
import type { ChatResult } from '../protocol/engine';
import type { LearnedStore } from './learnedStore';
import type { PlannedLoad } from './planLoader';

/** Fewer tell more of the clock than of the machine. */
const fewestTokens = { decode: 16, prefill: 64 };

export interface AnswerLearnerDeps {
  /** What is loaded, as it was planned. */
  current: () => PlannedLoad | undefined;
  store: Pick<LearnedStore, 'update'>;
}

/** Corrects predicted rates by what answers took. */
export class AnswerLearner {
  constructor(private readonly deps: AnswerLearnerDeps) {}

  /** An engine that is the given one, and whose answers are learned from. */
  listenTo(engine: Engine): Engine {
    return {
      get snapshot() {
        return engine.snapshot;
      },
      onDidChange: engine.onDidChange,
      load: (...args) => engine.load(...args),
      unload: () => engine.unload(),
      chat: async (...args) => {
        const result = await engine.chat(...args);
        this.learn(result);
        return result;
      },
      complete: (...args) => engine.complete(...args),
      measure: (...args) => engine.measure(...args),
      countTokens: (...args) => engine.countTokens(...args),
      simulate: (...args) => engine.simulate(...args),
      calibrate: (...args) => engine.calibrate(...args),
      forget: (...args) => engine.forget(...args),
      setPolicy: (...args) => engine.setPolicy(...args),
      memory: () => engine.memory(),
    };
  }

  learn(result: ChatResult): void {
    const load = this.deps.current();
    // What pages from the disk runs at the rate of whatever happens to be in RAM.
    if (load === undefined || load.plan.verdict === 'pagesFromDisk') return;
    const { file, plan } = load;
    const rates = answerRates(load, result);
    if (rates.decode === undefined && rates.prefill === undefined) return;
    void this.deps.store.update(({ corrections }) => ({
      corrections: learnAnswer(corrections, file.identity, plan.config, rates),
    }));
  }
}

/** Predicted for the answer's own lengths, without what was learned before, and measured; tok/s. */
export function answerRates(
  { plan, file, machine }: Pick<PlannedLoad, 'plan' | 'file' | 'machine'>,
  result: ChatResult,
): AnswerRates {
  const model = new RateModel(plan.config, shapeOf(file.header), machine);
  const { promptTokens, reusedTokens, outputTokens, tokensPerSecond, prefillMs } = result;
  const read = promptTokens - reusedTokens;
  return {
    decode:
      tokensPerSecond !== null && outputTokens >= fewestTokens.decode
        ? { predicted: 1 / model.tokenSeconds(promptTokens + outputTokens / 2), measured: tokensPerSecond }
        : undefined,
    prefill:
      read >= fewestTokens.prefill && prefillMs > 0
        ? { predicted: read / model.prefillSeconds(read, reusedTokens), measured: read / (prefillMs / 1000) }
        : undefined,
  };
}
