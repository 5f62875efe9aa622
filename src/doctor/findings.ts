import type { AdviceChange } from '../plan/advice';
import { describeAdvice } from '../plan/adviceWords';
import { predictRates } from '../plan/rates';
import type { MachineRates } from '../plan/machine';
import type { DoctorAction, FindingView } from '../protocol/doctor';
import { describeFallback } from '../status/backend';
import { formatBandwidth, formatBytes, formatCount } from '../status/format';
import type { Translate } from '../translate';
import type { Diagnosis, PlanFacts } from './diagnosis';
import { formatTokens, heavyFaults, heavySwap, spilledBytes } from './limits';
import { memorySpeed } from './memorySpeed';
import { lacksVectors } from './processor';

/** tok/s, estimated. */
interface Gain {
  from: number;
  to: number;
}

interface Finding {
  /** now: it goes wrong as it is. gain: it could be quicker. know: worth knowing. */
  weight: 'now' | 'gain' | 'know';
  text: string;
  gain?: Gain | undefined;
  action?: DoctorAction | undefined;
}

const order: Record<Finding['weight'], number> = { now: 0, gain: 1, know: 2 };

/** What would help, best first: what goes wrong now, then by the gain in tok/s, then what is worth knowing. */
export function findingsOf(diagnosis: Diagnosis, t: Translate): FindingView[] {
  const ratio = ({ gain }: Finding) => (gain ? gain.to / gain.from : 0);
  const own = [...happening(diagnosis, t), ...memoryFindings(diagnosis, t), ...setUp(diagnosis, t)];
  return [...own.map((finding) => withGain(finding, t)), ...advised(diagnosis.plan, t)]
    .sort((a, b) => order[a.weight] - order[b.weight] || ratio(b) - ratio(a))
    .map(({ text, action }) => ({ text, action }));
}

function withGain(finding: Finding, t: Translate): Finding {
  const { text, gain } = finding;
  if (gain === undefined) return finding;
  const words = t('Estimated: {0} instead of {1}.', formatTokens(gain.to), formatTokens(gain.from));
  return { ...finding, text: `${text} ${words}` };
}

/** What went wrong during the question. */
function happening(diagnosis: Diagnosis, t: Translate): Finding[] {
  const { watched, engine, plan } = diagnosis;
  if (!watched) return [];
  const found: Finding[] = [];
  const spilled = spilledBytes(watched, engine.model) ?? 0;
  if (spilled > 0) {
    found.push({
      weight: 'now',
      text: t(
        '{0} of what should be in VRAM has spilled into system memory, which is read at a tenth of the speed. Put fewer layers on the GPU.',
        formatBytes(spilled),
      ),
      gain: fewerLayers(diagnosis, spilled),
      action: 'setGpuLayers',
    });
  }
  const undisturbed = (): Gain | undefined => {
    const to = plan?.plan.verdict === 'pagesFromDisk' ? undefined : plan?.plan.rates.decode;
    const from = watched.answer.decode;
    return to !== undefined && from !== null && to > from * 1.05 ? { from, to } : undefined;
  };
  if (heavySwap(watched)) {
    found.push({
      weight: 'now',
      text: t(
        'The machine swapped while the model answered: {0} were read back from the disk. Close other programs, or use a smaller context or quant level.',
        formatBytes(watched.counted.swapInBytes ?? 0),
      ),
      gain: undisturbed(),
      action: 'openSettings',
    });
  } else if (heavyFaults(watched) && hasRoom(diagnosis)) {
    found.push({
      weight: 'know',
      text: t(
        'Parts of the model were read from the disk for the first time while it answered ({0} page faults), though the RAM has room for all of it. Run Doctor again for its usual speed.',
        formatCount(watched.counted.majorFaults ?? 0),
      ),
    });
  } else if (heavyFaults(watched)) {
    found.push({
      weight: 'now',
      text: t(
        'Parts of the model were read from the disk while it answered ({0} page faults). It is larger than the RAM that is free: close other programs, or choose a smaller file.',
        formatCount(watched.counted.majorFaults ?? 0),
      ),
      gain: undisturbed(),
      action: 'chooseModel',
    });
  }
  return found;
}

/** Mapped weights that were read count as available: they can be given up. */
function hasRoom({ engine: { model }, machine: { hardware } }: Diagnosis): boolean {
  return model?.mmap === true && hardware.ramAvailableBytes >= model.memory.ramBytes;
}

/** The rate with as many layers fewer as hold what has spilled. */
function fewerLayers({ plan, watched, engine }: Diagnosis, spilled: number): Gain | undefined {
  const from = watched?.answer.decode;
  const { model } = engine;
  if (!plan || !model || from === undefined || from === null || model.gpuLayers === 0) return undefined;
  const perLayer = model.memory.vramBytes / model.gpuLayers;
  const gpuLayers = Math.max(0, model.gpuLayers - Math.ceil(spilled / perLayer));
  const { request } = plan;
  const to = predictRates(
    { ...plan.plan.config, gpuLayers },
    request.shape,
    request.machine,
    request.typical,
  ).decode;
  return to > from ? { from, to } : undefined;
}

/** The planner's words name the gain themselves. */
function advised(facts: PlanFacts | undefined, t: Translate): Finding[] {
  return (facts?.advice ?? []).map((advice) => ({
    weight: 'gain',
    text: describeAdvice(advice, t),
    gain: advice.effect.decode,
    action: actionFor(advice.change),
  }));
}

function actionFor(change: AdviceChange): DoctorAction | undefined {
  switch (change.kind) {
    case 'unpin':
      return change.pin === 'gpuLayers' ? 'setGpuLayers' : 'openSettings';
    case 'raiseBudget':
      return 'openSettings';
    case 'smallerQuant':
    case 'smallerModel':
      return 'chooseModel';
    case 'freeRam':
    case 'expertsOnCpu':
    case 'moreRam':
    case 'moreVram':
      return undefined;
  }
}

function memoryFindings(diagnosis: Diagnosis, t: Translate): Finding[] {
  const { modules, calibration } = diagnosis.machine;
  if (modules === undefined) return [];
  const { speed, ratedSpeed, belowRated, singleChannel, bandwidth } = memorySpeed(modules);
  const found: Finding[] = [];
  if (belowRated && speed !== undefined && ratedSpeed !== undefined) {
    found.push({
      weight: 'gain',
      text: t(
        'The memory runs at {0} MT/s and can do {1}: switch its profile (XMP or EXPO) on in the firmware’s setup.',
        formatCount(speed),
        formatCount(ratedSpeed),
      ),
      gain: withRates(diagnosis, (rates) => quickerRam(rates, ratedSpeed / speed)),
    });
  }
  if (singleChannel) {
    found.push({
      weight: 'gain',
      text: t(
        'All of the memory is on one channel: a second module in the other channel’s slot doubles what can be read at once.',
      ),
      gain: withRates(diagnosis, (rates) => quickerRam(rates, 2)),
    });
  }
  const reached = calibration?.ramBytesPerSecond ?? 0;
  // 0: it could not be measured.
  if (reached > 0 && bandwidth !== undefined && reached < bandwidth / 2) {
    found.push({
      weight: 'know',
      text: t(
        'The model reads RAM at {0}, less than half of the {1} that the modules are rated at. Another program may have been busy: measure again when the machine is quiet.',
        formatBandwidth(reached),
        formatBandwidth(bandwidth),
      ),
      action: 'calibrate',
    });
  }
  return found;
}

function quickerRam(rates: MachineRates, factor: number): MachineRates {
  return { ...rates, ramBytesPerSecond: rates.ramBytesPerSecond * factor };
}

/** What other rates of the machine would make of the measured rate, else of the predicted one. */
function withRates(
  { plan: facts, watched }: Diagnosis,
  change: (rates: MachineRates) => MachineRates,
): Gain | undefined {
  if (!facts) return undefined;
  const { request, plan } = facts;
  const { machine, shape, typical } = request;
  const predict = (rates: MachineRates) =>
    predictRates(plan.config, shape, { ...machine, rates }, typical).decode;
  const from = watched?.answer.decode ?? plan.rates.decode;
  const to = (from * predict(change(machine.rates))) / predict(machine.rates);
  return to > from * 1.02 ? { from, to } : undefined;
}

/** What the set-up lacks. */
function setUp({ engine: { info, model, runtime }, machine, leftOut }: Diagnosis, t: Translate): Finding[] {
  const found: Finding[] = [];
  if (info?.fallback) {
    found.push({
      weight: 'now',
      text: describeFallback(info.fallback, info.backend, t),
      action: 'showLog',
    });
  } else if (model?.gpuLayers === 0 && info && info.backend !== 'cpu' && info.devices.length > 0) {
    found.push({
      weight: 'know',
      text: t('No layers are on the GPU: all of the model is read from RAM.'),
      action: 'setGpuLayers',
    });
  }
  if (leftOut === 'noModelChosen') {
    found.push({
      weight: 'know',
      text: t('No model is chosen yet, so nothing could be asked.'),
      action: 'chooseModel',
    });
  }
  if (leftOut === 'notLoaded') {
    found.push({
      weight: 'know',
      text: t('The model is not loaded, so nothing could be asked. Load it and run Doctor again.'),
      action: 'loadModel',
    });
  }
  if (lacksVectors(machine.instructionSets)) {
    found.push({
      weight: 'know',
      text: t(
        'The CPU, or the virtual machine, lacks AVX2: layers in RAM run several times slower than they could.',
      ),
    });
  }
  if (runtime?.hostBufferLimitBytes !== undefined) {
    found.push({
      weight: 'know',
      text: t(
        'The engine runs in the editor’s own Electron, which holds at most {0} of weights in RAM. A Node.js of your own lifts that.',
        formatBytes(runtime.hostBufferLimitBytes),
      ),
      action: 'openSettings',
    });
  }
  if (machine.calibration === undefined) {
    found.push({
      weight: 'know',
      text: t(
        'This machine’s rates have not been measured yet, so estimates rest on data sheets. Measuring takes some ten seconds.',
      ),
      action: 'calibrate',
    });
  }
  return found;
}
