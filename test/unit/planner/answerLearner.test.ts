import { describe, expect, it } from 'vitest';
import { correctionFactors } from '../../../src/plan/correction';
import { answerRates, AnswerLearner } from '../../../src/planner/answerLearner';
import { nothingLearned, type Learned } from '../../../src/planner/learnedFile';
import { imaginedMachine } from '../../../src/planner/machine';
import { Planner, type PlannedFile } from '../../../src/planner/planner';
import type { PlannedLoad } from '../../../src/planner/planLoader';
import type { ChatResult } from '../../../src/protocol/engine';
import { modelBytes, parse } from '../gguf/smallModel';
import { loadedModel } from '../../support/loadedModel';
import { loadForm } from '../../support/loadForm';

const file: PlannedFile = { path: '/a.gguf', identity: 'a', header: parse(modelBytes()) };
const machine = imaginedMachine(
  { vramBytes: 0, ramBytes: undefined },
  { ram: { totalBytes: 2 ** 34, availableBytes: 2 ** 33 }, physicalCores: 2 },
);
const wishes = { pins: {}, typical: { promptTokens: 300, answerTokens: 40 } };
const plan = new Planner(() => Promise.resolve([])).estimate(file, machine, wishes);
const check = { bufferBytes: 0, residualBytes: undefined, overBytes: 0 };
const form = loadForm(file.path);
const load: PlannedLoad = { form, plan, file, machine, check, model: loadedModel() };

function answer(changes: Partial<ChatResult> = {}): ChatResult {
  return {
    ...{ text: '', thought: '', stopReason: 'end', promptTokens: 200, reusedTokens: 100, outputTokens: 50 },
    ...{ thoughtTokens: 0, prefillMs: 500, firstTokenMs: 600, decodeMs: 1000, tokensPerSecond: 49 },
    ...changes,
  };
}

describe('AnswerLearner', () => {
  function learnerOf(current: PlannedLoad | undefined) {
    let learned: Learned = nothingLearned;
    const learner = new AnswerLearner({
      current: () => current,
      store: {
        update: (change) => {
          learned = { ...learned, ...change(learned) };
          return Promise.resolve();
        },
      },
    });
    return { learner, learned: () => learned };
  }

  it('makes the next plan say what three answers took', () => {
    const { learner, learned } = learnerOf(load);
    for (let i = 0; i < 3; i++) learner.learn(answer());
    const rates = answerRates(load, answer());
    const factors = correctionFactors(learned().corrections, 'a', plan.config);
    expect(factors.decode).toBeCloseTo(49 / (rates.decode?.predicted ?? 0), 9);
    // 100 new tokens in half a second.
    expect(factors.prefill).toBeCloseTo(200 / (rates.prefill?.predicted ?? 0), 9);
    const planner = new Planner(
      () => Promise.resolve([]),
      () => learned().corrections,
    );
    const next = planner.estimate(file, machine, wishes);
    expect(next.rates.decode).toBeCloseTo(plan.rates.decode * factors.decode, 9);
  });

  it('learns nothing of answers too short, or of no plan', () => {
    const { learner, learned } = learnerOf(load);
    learner.learn(answer({ outputTokens: 3, reusedTokens: 190 }));
    expect(learned()).toEqual(nothingLearned);
    const paging = learnerOf({ ...load, plan: { ...plan, verdict: 'pagesFromDisk' } });
    const none = learnerOf(undefined);
    for (const { learner: each, learned: after } of [paging, none]) {
      each.learn(answer());
      expect(after()).toEqual(nothingLearned);
    }
  });
});
