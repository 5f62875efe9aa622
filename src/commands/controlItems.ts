import type { GhostState } from '../completion/registerGhost';
import type { CommandName } from '../contributions';
import type { EngineSnapshot } from '../engineClient/engine';
import { formatCount, shortName } from '../status/format';
import type { Translate } from '../translate';

/** One line of the controls' list. */
export interface ControlItem {
  /** A codicon's name. */
  icon: string;
  label: string;
  description: string;
  command: CommandName;
}

/** What makes sense now, the likeliest first. `configured`: file name of the model that the settings name. */
export function controlItems(
  { state, model }: EngineSnapshot,
  configured: string | undefined,
  ghost: GhostState | undefined,
  t: Translate,
): ControlItem[] {
  const items: ControlItem[] = [];
  const add = (icon: string, command: CommandName, label: string, description = '') =>
    items.push({ icon, command, label, description });
  const loading = state.kind === 'starting' || state.kind === 'loading';

  if (loading) add('debug-stop', 'stop', t('Stop loading'));
  if (state.kind === 'prefilling' || state.kind === 'generating') {
    add('debug-stop', 'stop', t('Stop'), t('keeps what came'));
  }
  if (!model && !loading && configured !== undefined) add('play', 'loadModel', t('Load'), configured);
  add(
    'layers',
    'chooseModel',
    configured === undefined ? t('Choose a model…') : t('Switch model…'),
    model ? shortName(model.name, model.quant) : '',
  );
  if (configured !== undefined) {
    add(
      'server',
      'setGpuLayers',
      t('GPU layers…'),
      model && t('{0} of {1}', model.gpuLayers, model.totalLayers),
    );
    add('book', 'setContextSize', t('Context…'), model && t('{0} tokens', formatCount(model.contextSize)));
    add('checklist', 'showPlan', t('Load plan…'), t('what goes where, how quick it is, what is pinned'));
  }
  if (ghost !== undefined) {
    const label = ghost === 'off' ? t('Turn ghost text on') : t('Turn ghost text off');
    add('sparkle', 'toggleGhostText', label, ghost === 'request' ? t('too slow here: comes on request') : '');
  }
  if (model) add('debug-disconnect', 'unloadModel', t('Unload'), t('gives all memory back'));
  add('settings-gear', 'openSettings', t('Settings'));
  add('pulse', 'doctor', t('Doctor'), t('finds what slows answers down'));
  add('output', 'showLog', t('Log'));
  add('beaker', 'testEngine', t('Test the engine (not an assistant)'));
  return items;
}
