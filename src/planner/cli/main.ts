/** The command `npm run -s plan`: prints the plan for a file or an address. Exit: 0 a plan, 2 nothing fits, 1 bad input. */
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../engineClient/startEngine';
import { EngineError, UserError } from '../../errors';
import { failureInWords } from '../../failureWords';
import { GgufError } from '../../gguf/ggufError';
import { readPhysicalCores } from '../../hardware/cores';
import { readRam } from '../../hardware/memory';
import { realSystem } from '../../hardware/system';
import { silentLogger } from '../../log';
import { advise } from '../../plan/advice';
import { describeGaps } from '../../plan/gapWords';
import type { Machine } from '../../plan/machine';
import type { Plan } from '../../plan/plan';
import { shapeOf } from '../../plan/shapeOf';
import type { Calibration } from '../../protocol/engine';
import { learnedHere } from '../learnedHere';
import { imaginedMachine, imaginedRam, machineOf } from '../machine';
import { PlannedFiles } from '../plannedFiles';
import { Planner, type PlannedFile } from '../planner';
import { formulasFor, planRequest, type PlanWishes } from '../planRequest';
import { describeRemoteError, RemoteError } from '../remoteError';
import { isAddress, readRemoteHeader } from '../remoteHeader';
import { parseArguments, type PlanArguments } from './arguments';
import { readLearned } from './learnedFiles';
import { rateSources } from './rateSources';
import { english, planAsJson, planAsText, type Report } from './report';

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());

try {
  process.exitCode = await run(parseArguments(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${inWords(error)}\n`);
  process.exitCode = 1;
}

async function run(args: PlanArguments): Promise<number> {
  const wishes: PlanWishes = {
    vramBudgetBytes: args.vramBudgetBytes,
    pins: {
      ...(args.contextSize !== undefined && { contextSize: args.contextSize }),
      ...(args.kvCacheType !== undefined && { kvCacheType: args.kvCacheType }),
      ...(args.batchSize !== undefined && { batchSize: args.batchSize }),
    },
    typical: { promptTokens: 3000, answerTokens: 400 },
  };
  const { vramBytes, ramBytes } = args;
  const planned =
    vramBytes === undefined
      ? await planHere(args, wishes)
      : await planElsewhere(args.model, { vramBytes, ramBytes }, wishes);
  const { file, plan, machine, calibration } = planned;
  const shape = shapeOf(file.header);
  const report: Report = {
    ...planned,
    sources: rateSources(machine, calibration),
    gaps: describeGaps(plan, shape, english),
    advice: advise(planRequest(shape, machine, wishes), plan, { oracleOf: formulasFor }),
  };
  const text = args.json ? JSON.stringify(planAsJson(report), undefined, 2) : planAsText(report);
  process.stdout.write(`${text}\n`);
  return plan.verdict === 'doesNotFit' ? 2 : 0;
}

interface Planned {
  file: PlannedFile;
  plan: Plan;
  machine: Machine;
  calibration: Calibration | undefined;
  measuredDecode: number | undefined;
}

/** By llama.cpp's own simulation for the devices at hand, with what the editor learned of them. */
async function planHere(
  { model, ramBytes, learned: learnedFile }: PlanArguments,
  wishes: PlanWishes,
): Promise<Planned> {
  const surroundings = { platform: process.platform, env: process.env, home: homedir() };
  const learned = await readLearned(learnedFile, surroundings);
  say('Starting the engine …');
  const starting = startEngine({
    runtimePath: process.execPath,
    enginePath: fileURLToPath(new URL('./engine.mjs', import.meta.url)),
    backend: 'auto',
    logger: silentLogger,
    signal: stopping.signal,
  });
  try {
    // The header is read while the engine starts.
    const [file, here, engine] = await Promise.all([open(model), readRam(realSystem), starting]);
    const ram = ramBytes === undefined ? here : imaginedRam(ramBytes);
    const ofDevices = learnedHere(engine.info, learned);
    const machine = machineOf(engine.info, ram, ofDevices);
    say(`Simulating on ${machine.gpu?.name ?? 'the CPU'} …`);
    const planner = new Planner(
      (params, signal) => engine.simulate(params, signal),
      () => learned.corrections,
    );
    const plan = await planner.plan(file, machine, wishes, stopping.signal);
    const measuredDecode = planner.measuredRates(file, plan).decode;
    return { file, plan, machine, calibration: ofDevices.calibration, measuredDecode };
  } finally {
    await starting.then(
      (engine) => engine.dispose(),
      () => undefined,
    );
  }
}

/** By formulas, for a card that is not at hand. */
async function planElsewhere(
  model: string,
  wanted: { vramBytes: number; ramBytes: number | undefined },
  wishes: PlanWishes,
): Promise<Planned> {
  const file = await open(model);
  const here = { ram: await readRam(realSystem), physicalCores: (await readPhysicalCores(realSystem)) ?? 1 };
  const machine = imaginedMachine(wanted, here);
  const nothing = () => Promise.reject(new Error('a card that is not at hand cannot be simulated'));
  const plan = new Planner(nothing).estimate(file, machine, wishes);
  return { file, plan, machine, calibration: undefined, measuredDecode: undefined };
}

async function open(model: string): Promise<PlannedFile> {
  if (isAddress(model)) {
    say(`Reading the header of ${model} …`);
    const { header, path: local, bytesRead } = await readRemoteHeader(model, cacheFolder(), stopping.signal);
    say(bytesRead === 0 ? 'Its header was known.' : `Read ${(bytesRead / 2 ** 20).toFixed(1)} MiB.`);
    return { header, path: local, identity: local };
  }
  return await new PlannedFiles().open(path.resolve(model));
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(base, 'layercake', 'headers');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function inWords(error: unknown): string {
  if (UserError.is(error)) return error.message;
  if (RemoteError.is(error)) return describeRemoteError(error, english);
  if (stopping.signal.aborted) return 'Stopped.';
  if (GgufError.is(error)) return failureInWords({ t: english }, error).message;
  if (EngineError.is(error)) return failureInWords({ t: english }, error.failure).message;
  return error instanceof Error ? error.message : String(error);
}
