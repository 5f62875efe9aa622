import type { Backend, BackendChoice, BackendFallback } from '../protocol/engine';
import { messageOf } from './failure';
import { mayHaveGpu } from './gpuFiles';
import { largestTensor } from './largestTensor';
import { LlamaLibrary } from './llama';
import type { LlamaLog } from './llamaLog';
import { hidingCause } from './sandbox';

export interface OpenedBackend {
  library: LlamaLibrary;
  fallback: BackendFallback | undefined;
  /** Of one tensor on the GPU, bytes; undefined: any size will do. */
  largestTensorBytes: number | undefined;
}

/**
 * Opens the backend that was asked for, else the best other one, and says so.
 * @throws Error where not even the CPU's runs
 */
export async function openBackend(choice: BackendChoice, log: LlamaLog): Promise<OpenedBackend> {
  const opened = await open(choice, log);
  return { ...opened, largestTensorBytes: await largestTensor(opened.library) };
}

type Opened = Pick<OpenedBackend, 'library' | 'fallback'>;

async function open(choice: BackendChoice, log: LlamaLog): Promise<Opened> {
  if (choice === 'cpu') return { library: await LlamaLibrary.open('cpu', log), fallback: undefined };
  return choice === 'auto' ? await openBest(log) : await openNamed(choice, log);
}

async function openNamed(wanted: Backend, log: LlamaLog): Promise<Opened> {
  log.forgetProblems();
  const opened = await tryOpen(wanted, log);
  if (opened.library !== undefined) return { library: opened.library, fallback: undefined };
  const { library } = await openBest(log);
  return { library, fallback: fallback(wanted, opened.detail) };
}

async function openBest(log: LlamaLog): Promise<Opened> {
  log.forgetProblems();
  const opened = mayHaveGpu(process) ? await tryOpen('auto', log) : undefined;
  const library = opened?.library ?? (await LlamaLibrary.open('cpu', log));
  // The library's own choice leaves out what it cannot use, and says so in passing.
  const refused = log.problems.find((line) => /falling back to|is not compatible/.test(line));
  if (refused !== undefined) return { library, fallback: fallback(refusedBackend(refused), refused) };
  // No word of a GPU at all, where something is known to hide one.
  const hidden = library.backend === 'cpu' && hidingCause(process.env) !== 'unavailable';
  if (hidden) return { library, fallback: fallback('cuda', 'no GPU can be seen from here') };
  return { library, fallback: undefined };
}

/** A backend without any device is none. */
async function tryOpen(
  backend: Backend | 'auto',
  log: LlamaLog,
): Promise<{ library: LlamaLibrary; detail?: never } | { library?: never; detail: string }> {
  try {
    const library = await LlamaLibrary.open(backend, log);
    if (library.backend === 'cpu' || (await library.devices()).length > 0) return { library };
    await library.dispose();
    return { detail: log.lastProblem ?? 'no device was found' };
  } catch (error) {
    return { detail: log.lastProblem ?? messageOf(error) };
  }
}

function fallback(wanted: Backend, detail: string): BackendFallback {
  return { wanted, cause: hidingCause(process.env), detail };
}

function refusedBackend(line: string): Backend {
  if (/vulkan/i.test(line)) return 'vulkan';
  return /metal/i.test(line) ? 'metal' : 'cuda';
}
