import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offerLevels, type LevelOffers } from '../../../src/changeQuant/levelOffers';
import { describeLevel, describeRecommendation, lossWarning } from '../../../src/changeQuant/levelWords';
import type { GgufHeader } from '../../../src/gguf/model';
import type { Quantize } from '../../../src/models/quantizeProcess';
import { Planner, type PlannedFile } from '../../../src/planner/planner';
import { plannedFile } from '../../support/plannedModels';
import { requantised, type MixedQuant } from '../../support/quantMixes';
import { writeScriptedModel } from '../../support/scriptedModel';
import { translate } from '../models/translate';
import { GiB, machineWith } from '../plan/fixtures';

const sized: readonly MixedQuant[] = ['Q8_0', 'Q5_K_M', 'Q4_K_M', 'IQ3_M', 'Q2_K'];

let folder: string;
let unquantised: PlannedFile;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-offers-'));
  const modelPath = path.join(folder, '70B-F16.gguf');
  await writeScriptedModel(modelPath, { shape: '70B', quant: 'F16' });
  unquantised = await plannedFile(modelPath);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** llama.cpp, as far as these tests know it. */
const quantize: Quantize = (run) => {
  const asked = run.arguments.at(-1)?.split(',') ?? [];
  for (const level of sized.filter((each) => asked.includes(each))) {
    const { tensors, dataOffset } = requantised(unquantised.header, level);
    const types = Object.fromEntries(tensors.map(({ name, type }) => [name, type]));
    run.onMessage({ kind: 'sized', level, types, dataOffset, needsImportance: level === 'IQ3_M' });
  }
  if (asked.includes('Q4_0')) run.onMessage({ kind: 'refused', level: 'Q4_0', detail: 'for a test' });
  return Promise.resolve();
};

async function offersOf(source: PlannedFile, vramGiB: number, ramGiB: number): Promise<LevelOffers> {
  const planner = new Planner(() => Promise.reject(new Error('no engine')));
  const wishes = { pins: {}, typical: { promptTokens: 3000, answerTokens: 400 } };
  return offerLevels(source, {
    quantize,
    preview: (file) => Promise.resolve(planner.estimate(file, machineWith(vramGiB, ramGiB), wishes)),
    targetOf: (level) => path.join(folder, level),
  });
}

const at = (level: MixedQuant): PlannedFile => ({
  ...unquantised,
  identity: level,
  header: requantised(unquantised.header, level),
});
const lineOf = ({ offers }: LevelOffers, level: string, source: GgufHeader) => {
  const offer = offers.find(({ row }) => row.name === level);
  if (offer === undefined) throw new Error(`${level} is not offered`);
  return describeLevel(offer, source, translate);
};

describe('levels to make', () => {
  it('of a 70B on a card of 12 GB have exact sizes, the plan’s figures and published ones', async () => {
    const offers = await offersOf(unquantised, 12, 64);
    expect(offers.offers.map(({ row }) => row.name)).toEqual(['Q8_0', 'Q5_K_M', 'Q4_K_M', 'Q2_K']);
    expect(offers.needImportance.slice(0, 2)).toEqual(['IQ3_M', 'IQ3_XS']);
    expect(offers.refused).toEqual([{ level: 'Q4_0', detail: 'for a test' }]);
    const { header, row } = offers.offers[2] ?? {};
    expect(header?.tensorBytes).toBe(requantised(unquantised.header, 'Q4_K_M').tensorBytes);
    expect((header?.fileSize ?? 0) / GiB).toBeCloseTo(39.6, 0);
    const { description, detail } = lineOf(offers, 'Q4_K_M', unquantised.header);
    expect(description).toContain(`(${header?.fileSize.toLocaleString('en-US')} bytes)`);
    expect(description).toContain(`${row?.gpuLayers} of 81 layers on the GPU, `);
    expect(description).toMatch(/tok\/s \(estimated\)$/);
    expect(detail).toBe('At that level, the perplexity of Llama 2 70B is 1.2 % above the unquantised one’s.');
    expect(lineOf(offers, 'Q2_K', unquantised.header).detail).toContain('Answers get visibly worse.');
    expect(lineOf(offers, 'Q8_0', unquantised.header).detail).toContain(
      'Nobody has published what it costs.',
    );
    expect(describeRecommendation(offers, unquantised.header, translate)).toBe(
      'Q4_K_M is the quickest level that loses little by published figures.',
    );
  });

  it('say where none fits, and of which memory', async () => {
    const offers = await offersOf(unquantised, 4, 16);
    expect(lineOf(offers, 'Q8_0', unquantised.header).description).toMatch(/tok\/s|does not fit$/);
    expect(lineOf(offers, 'Q8_0', unquantised.header).detail).toMatch(/read from the disk|needs/);
  });

  it('leave alone what is quantised already and fits, or recommend a smaller one where it does not', async () => {
    const fitting = at('Q4_K_M');
    const offers = await offersOf(fitting, 12, 64);
    expect(offers.offers.map(({ row }) => row.name)).not.toContain('Q4_K_M');
    expect(describeRecommendation(offers, fitting.header, translate)).toBe(
      'Q4_K_M fits as it is, and what is made from it loses more.',
    );
    // A level above the source's own gives nothing back.
    expect(lineOf(offers, 'Q5_K_M', fitting.header).detail).not.toContain('instead of');
    const large = at('Q8_0');
    expect((await offersOf(large, 12, 64)).recommended).toMatchObject({ level: { name: 'Q4_K_M' } });
  });
});

it('a warning says what is lost, by published figures of both levels, and what it costs', () => {
  const [source, target] = [at('Q4_K_M').header, at('Q5_K_M').header];
  const larger = { ...target, fileSize: source.fileSize + 2 * GiB };
  expect(lossWarning(source, larger, translate)).toEqual({
    message: 'The file is quantised already. Make Q5_K_M from Q4_K_M all the same?',
    detail: [
      'What the file lost when it was made Q4_K_M stays lost, and Q5_K_M adds a loss of its own: the result is worse than Q5_K_M made from the original weights (F16 or BF16), which may be found for download.',
      'Published of Q4_K_M: the perplexity of Llama 2 70B is 1.2 % above the unquantised one’s.',
      'Published of Q5_K_M: the perplexity of Llama 2 70B is 0.4 % above the unquantised one’s.',
      'Published of Q5_K_M: Llama 3 70B Instruct answers 80.8 % of MMLU with it.',
      'It takes 2.0 GiB more than the file at hand, and answers no better.',
    ].join('\n\n'),
  });
});
