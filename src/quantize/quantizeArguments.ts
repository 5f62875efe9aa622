import { QuantizeError } from './quantizeError';

export type QuantizeCommand = DryRunCommand | WriteCommand;

export interface DryRunCommand {
  kind: 'dry-run';
  modelPath: string;
  /** Names of quant levels, e.g. "Q4_K_M". */
  levels: string[];
}

export interface WriteCommand {
  kind: 'write';
  modelPath: string;
  level: string;
  /** Relative where it can be: llama.cpp opens it by the code page on Windows. */
  to: string;
  threads: number;
}

const usage = [
  'quantize.mjs dry-run --model FILE --levels LEVEL,LEVEL',
  'quantize.mjs write --model FILE --level LEVEL --to FILE --threads COUNT',
].join(' or ');

/** @throws QuantizeError `badRequest` */
export function parseQuantizeArguments(argv: readonly string[]): QuantizeCommand {
  const [kind, ...rest] = argv;
  const options = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 2) options.set(rest[i] ?? '', rest[i + 1] ?? '');
  const need = (name: string): string => {
    const value = options.get(name) ?? '';
    if (value === '') throw badRequest(`${name} is missing`);
    return value;
  };
  if (kind === 'dry-run') {
    return { kind, modelPath: need('--model'), levels: need('--levels').split(',') };
  }
  if (kind !== 'write') throw badRequest(`"${kind ?? ''}" is no command`);
  const threads = Number(need('--threads'));
  if (!Number.isInteger(threads) || threads < 1) throw badRequest(`${threads} is no number of threads`);
  return { kind, modelPath: need('--model'), level: need('--level'), to: need('--to'), threads };
}

function badRequest(what: string): QuantizeError {
  return new QuantizeError('badRequest', `${what}; ${usage}`);
}
