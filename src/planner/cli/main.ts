/** The command `npm run -s plan`: prints the plan for a file or an address. Exit: 0 a plan, 2 nothing fits, 1 bad input. */
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../engineClient/startEngine';
import { EngineError, UserError } from '../../errors';
import { failureInWords } from '../../failureWords';
import { GgufError } from '../../gguf/ggufError';
import { readGgufHeader } from '../../gguf/readHeader';
import { readPhysicalCores } from '../../hardware/cores';
import { readRam } from '../../hardware/memory';
import { realSystem } from '../../hardware/system';
import type { Logger } from '../../log';
import { advise, type Advice } from '../../plan/advice';
import type { Machine } from '../../plan/machine';
import type { Plan } from '../../plan/plan';
import { shapeOf } from '../../plan/shapeOf';
import { imaginedMachine, machineOf } from '../machine';
import { Planner, type PlannedFile } from '../planner';
import { formulasFor, planRequest, type PlanWishes } from '../planRequest';
import { describeRemoteError, RemoteError } from '../remoteError';
import { isAddress, readRemoteHeader } from '../remoteHeader';
import { parseArguments, type PlanArguments } from './arguments';
import { english, planAsJson, planAsText } from './report';

const silent: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

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
  const { file, plan, machine } =
    args.vramBytes === undefined
      ? await planHere(args.model, wishes)
      : await planElsewhere(args.model, { vramBytes: args.vramBytes, ramBytes: args.ramBytes }, wishes);
  const text = args.json
    ? JSON.stringify(planAsJson(plan), undefined, 2)
    : planAsText(plan, adviceFor(file, plan, machine, wishes));
  process.stdout.write(`${text}\n`);
  return plan.verdict === 'doesNotFit' ? 2 : 0;
}

interface Planned {
  file: PlannedFile;
  plan: Plan;
  machine: Machine;
}

/** By llama.cpp's own simulation for the devices at hand. */
async function planHere(model: string, wishes: PlanWishes): Promise<Planned> {
  say('Starting the engine …');
  const starting = startEngine({
    runtimePath: process.execPath,
    enginePath: fileURLToPath(new URL('./engine.mjs', import.meta.url)),
    backend: 'auto',
    logger: silent,
    signal: stopping.signal,
  });
  try {
    // The header is read while the engine starts.
    const [file, ram, engine] = await Promise.all([open(model), readRam(realSystem), starting]);
    const machine = machineOf(engine.info, ram);
    say(`Simulating on ${machine.gpu?.name ?? 'the CPU'} …`);
    const planner = new Planner((params, signal) => engine.simulate(params, signal));
    return { file, plan: await planner.plan(file, machine, wishes, stopping.signal), machine };
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
  return { file, plan: new Planner(nothing).estimate(file, machine, wishes), machine };
}

async function open(model: string): Promise<PlannedFile> {
  if (isAddress(model)) {
    say(`Reading the header of ${model} …`);
    const { header, path: local, bytesRead } = await readRemoteHeader(model, cacheFolder(), stopping.signal);
    say(bytesRead === 0 ? 'Its header was known.' : `Read ${(bytesRead / 2 ** 20).toFixed(1)} MiB.`);
    return { header, path: local, identity: local };
  }
  const file = path.resolve(model);
  const header = await readGgufHeader(file);
  const { size, mtimeMs } = await stat(file);
  return { header, path: file, identity: `${file} ${size} ${mtimeMs}` };
}

function adviceFor(file: PlannedFile, plan: Plan, machine: Machine, wishes: PlanWishes): Advice[] {
  const request = planRequest(shapeOf(file.header), machine, wishes);
  return advise(request, plan, { oracleOf: formulasFor });
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
