import { parseArgs } from 'node:util';
import { UserError } from '../../errors';
import { kvCacheTypes, type KvCacheType } from '../../protocol/engine';

/** What `npm run -s plan` was asked. Bytes and tokens. */
export interface PlanArguments {
  /** A path or an address. */
  model: string;
  vramBudgetBytes: number | undefined;
  /** Set: plan for such a card by formulas; else for this machine by simulation. */
  vramBytes: number | undefined;
  /** Set: as if the machine had so much RAM. */
  ramBytes: number | undefined;
  /** File of what was learned on this machine; undefined: the editor's, if there is one. */
  learned: string | undefined;
  contextSize: number | undefined;
  kvCacheType: KvCacheType | undefined;
  batchSize: number | undefined;
  json: boolean;
}

export const usage =
  'Usage: npm run -s plan -- FILE_OR_URL [--vram-budget 11.5GiB] [--vram 12GiB] [--ram 64GiB] [--context 8192] [--kv q8_0] [--batch 512] [--learned learned.json] [--json]';

/** @throws UserError with what is wrong and how it is written */
export function parseArguments(args: string[]): PlanArguments {
  const { values, positionals } = parse(args);
  const [model, ...rest] = positionals;
  if (model === undefined || rest.length > 0) throw new UserError(`Name one model file or address. ${usage}`);
  if (values.learned !== undefined && values.vram !== undefined) {
    throw new UserError('--learned tells of this machine, and --vram asks for another one: leave one out.');
  }
  return {
    model,
    vramBudgetBytes: bytes('--vram-budget', values['vram-budget']),
    vramBytes: bytes('--vram', values.vram),
    ramBytes: bytes('--ram', values.ram),
    learned: values.learned,
    contextSize: tokens('--context', values.context),
    kvCacheType: cacheType(values.kv),
    batchSize: tokens('--batch', values.batch),
    json: values.json ?? false,
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'vram-budget': text,
        vram: text,
        ram: text,
        context: text,
        kv: text,
        batch: text,
        learned: text,
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)} ${usage}`);
  }
}

const units: Readonly<Record<string, number>> = {
  gib: 2 ** 30,
  mib: 2 ** 20,
  gb: 1e9,
  mb: 1e6,
};

/** "11.5GiB"; a number alone is GiB. */
function bytes(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit = 'gib'] = /^(\d+(?:\.\d+)?)\s*(gib|mib|gb|mb)?$/i.exec(text) ?? [];
  if (amount === undefined) throw new UserError(`${name} is a size such as 11.5GiB, not "${text}".`);
  return Math.round(Number(amount) * (units[unit.toLowerCase()] ?? 1));
}

function tokens(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 2 ** 24) {
    throw new UserError(`${name} is a number of tokens such as 8192, not "${text}".`);
  }
  return count;
}

function cacheType(text: string | undefined): KvCacheType | undefined {
  if (text === undefined) return undefined;
  const type = kvCacheTypes.find((known) => known === text);
  if (type === undefined) throw new UserError(`--kv is one of ${kvCacheTypes.join(', ')}, not "${text}".`);
  return type;
}
