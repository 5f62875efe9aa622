import * as assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions';
import type { ExtensionApi } from '../../src/extension';
import { loadSettingsFor } from '../../src/models/loadSettings';
import { totalBytes } from '../../src/plan/memory';
import type { ShownPlan } from '../../src/planner/shownPlans';
import { readRawSetting, readSetting, writeSetting } from '../../src/settings';
import { formatBytes, formatRate } from '../../src/status/format';
import { needUi, ui } from '../support/hostBridge';
import { activeExtension, until } from '../support/hostWorkspace';
import { writeScriptedModel } from '../support/scriptedModel';

const input = '.quick-input-widget input';
const rowOf = (label: string) => `.quick-input-list .monaco-list-row[aria-label^="${label}"]`;

describe('the plan in a list', () => {
  let folder: string;
  let model: string;
  let plans: ExtensionApi['plans'];
  before(async () => {
    ({ plans } = (await activeExtension()).exports as ExtensionApi);
    folder = await mkdtemp(path.join(tmpdir(), 'lc-plan-'));
    model = path.join(folder, 'scripted.gguf');
    await writeScriptedModel(model, { name: 'Scripted' });
    await writeSetting('model.path', model);
  });
  after(async () => {
    await writeSetting('load.perModel', undefined);
    await writeSetting('model.path', undefined);
    await rm(folder, { recursive: true, force: true });
  });

  /** The planner's last word on the settings as they are. */
  async function planned(): Promise<ShownPlan> {
    let last: ShownPlan | undefined;
    const { options } = loadSettingsFor(model, readRawSetting);
    for await (last of plans.of(options, new AbortController().signal));
    assert.equal(last?.kind, 'exact');
    return last;
  }

  const ownContext = () => readSetting('load.perModel')[model]?.contextSize;

  it('shows the planner’s figures, and pins a value in the settings', async function () {
    needUi(this);
    this.timeout(90_000);
    const { plan } = await planned();
    const closed = vscode.commands.executeCommand(commandIds.showPlan);
    await ui.wait(`${input}[placeholder*="own arithmetic"]`);
    const { config, rates, use, totalLayers } = plan;
    const expected: [label: string, text: string][] = [
      ['Fits.', 'There is no GPU in use: all of the model is in RAM'],
      ['VRAM budget', 'no GPU in use'],
      ['GPU layers', `${config.gpuLayers} of ${totalLayers}`],
      ['Context', `${config.contextSize.toLocaleString('en-US')} tokens`],
      ['KV cache', config.kvCacheType],
      ['Batch', `${config.batchSize.toLocaleString('en-US')} tokens`],
      ['RAM', `${formatBytes(totalBytes(use.ram))} estimated`],
      ['RAM', `weights ${formatBytes(use.ram.weights)}, KV cache ${formatBytes(use.ram.kv)}`],
      ['Writing (decode)', `${formatRate(rates.decode)} estimated`],
      ['Reading (prefill)', `${formatRate(rates.prefill)} estimated`],
    ];
    for (const [label, text] of expected) {
      await ui.fill(input, label);
      const shown = (await ui.text(rowOf(label))).replace(/\s+/g, ' ');
      assert.ok(shown.includes(text), `"${shown}" has no "${text}"`);
    }
    await ui.fill(input, '');
    await ui.screenshot('plan-list');

    await ui.fill(input, 'Context');
    await ui.press('Enter');
    await ui.wait(`${input}[placeholder="Solve it"]`);
    await ui.fill(input, '512');
    await ui.press('Enter');
    await until('the pin in the settings', () => ownContext() === 512);
    await ui.wait(`${rowOf('Context')}[aria-label*="512 tokens, pinned"]`);
    assert.equal((await planned()).plan.config.contextSize, 512);

    await ui.fill(input, 'Context');
    await ui.click(`${rowOf('Context')} .action-label`);
    await until('the variable to be solved again', () => ownContext() === null);
    await ui.wait(`${rowOf('Context')}[aria-label*="${config.contextSize.toLocaleString('en-US')} tokens"]`);
    await ui.press('Escape');
    await closed;
  });
});
