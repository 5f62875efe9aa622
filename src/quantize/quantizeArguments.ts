import { QuantizeError } from './quantizeError';

export interface QuantizeCommand {
  kind: 'dry-run';
  modelPath: string;
  /** Names of quant levels, e.g. "Q4_K_M". */
  levels: string[];
}

const usage = 'quantize.mjs dry-run --model FILE --levels LEVEL,LEVEL';

/** @throws QuantizeError `badRequest` */
export function parseQuantizeArguments(argv: readonly string[]): QuantizeCommand {
  const [kind, ...rest] = argv;
  if (kind !== 'dry-run') throw badRequest(`"${kind ?? ''}" is no command`);
  const options = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 2) options.set(rest[i] ?? '', rest[i + 1] ?? '');
  const modelPath = options.get('--model') ?? '';
  if (modelPath === '') throw badRequest('--model is missing');
  const levels = (options.get('--levels') ?? '').split(',').filter((level) => level !== '');
  if (levels.length === 0) throw badRequest('--levels is missing');
  return { kind, modelPath, levels };
}

function badRequest(what: string): QuantizeError {
  return new QuantizeError('badRequest', `${what}; ${usage}`);
}
