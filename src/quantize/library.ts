import * as koffi from 'koffi';
import type { LibraryFiles } from './libraryFiles';
import { QuantizeError } from './quantizeError';

/** `llama_model_quantize_params` of llama.cpp v0.5.0, its fields in order. */
const fields = {
  nthread: 'int32',
  ftype: 'int',
  output_tensor_type: 'int',
  token_embedding_type: 'int',
  allow_requantize: 'bool',
  quantize_output_tensor: 'bool',
  only_copy: 'bool',
  pure: 'bool',
  keep_split: 'bool',
  dry_run: 'bool',
  imatrix: 'void *',
  kv_overrides: 'void *',
  tt_overrides: 'void *',
  prune_layers: 'void *',
  max_buf_size: 'size_t',
};

type Parameters = Record<keyof typeof fields, unknown>;

/** What v0.5.0 says itself. Fields that moved would show as other values. */
const defaults: Parameters = {
  nthread: 0,
  ftype: 7,
  output_tensor_type: 43,
  token_embedding_type: 43,
  allow_requantize: false,
  quantize_output_tensor: true,
  only_copy: false,
  pure: false,
  keep_split: false,
  dry_run: false,
  imatrix: null,
  kv_overrides: null,
  tt_overrides: null,
  prune_layers: null,
  max_buf_size: 8 * 2 ** 30,
};

export interface QuantizeRequest {
  from: string;
  /** llama.cpp's number of the level. */
  fileType: number;
  /** Absent: a dry run, which writes nothing. */
  write?: { to: string; threads: number };
  /** Gets the log as it is written, in pieces of lines. */
  onLog?: (piece: string) => void;
}

/**
 * Bytes that llama.cpp may take for a slab of a tensor. With its own 8 GiB, the embeddings of a large model push a
 * loaded one out of RAM, and Electron's allocator ends the process; what is written is the same.
 */
const slabBytes = 256 * 2 ** 20;

export interface QuantizeOutcome {
  succeeded: boolean;
  /** What llama.cpp logged meanwhile. */
  log: string;
}

/** llama.cpp's own quantising. Blocks until it is done; what llama.cpp takes for impossible ends the process. */
export class QuantizeLibrary {
  readonly #quantize: (from: string, to: string, parameters: Parameters) => number;
  #onLog: (piece: string) => void = () => undefined;

  /** @throws QuantizeError `noLibrary`, `otherLibrary` */
  constructor(files: LibraryFiles) {
    const llama = loadAll(files);
    const struct = koffi.struct(fields);
    const readDefaults = llama.func('llama_model_quantize_default_params', struct, []) as () => Parameters;
    checkDefaults(readDefaults());
    this.#quantize = llama.func('llama_model_quantize', 'uint32', ['str', 'str', koffi.pointer(struct)]);
    const logger = koffi.pointer(koffi.proto('void', ['int', 'str', 'void *']));
    const setLogger = llama.func('llama_log_set', 'void', [logger, 'void *']);
    setLogger(
      koffi.register((_level: number, piece: string) => this.#onLog(piece), logger),
      null,
    );
  }

  run({ from, fileType, write, onLog }: QuantizeRequest): QuantizeOutcome {
    let log = '';
    this.#onLog = (piece) => {
      log += piece;
      onLog?.(piece);
    };
    const parameters = {
      ...defaults,
      nthread: write?.threads ?? 0,
      ftype: fileType,
      dry_run: write === undefined,
      // Else what is quantised already is refused, whatever becomes of it.
      allow_requantize: true,
      max_buf_size: slabBytes,
    };
    return { succeeded: this.#quantize(from, write?.to ?? '', parameters) === 0, log };
  }
}

function loadAll({ ggmlBase, ggml, llama }: LibraryFiles): koffi.LibraryHandle {
  try {
    // Each looks the ones before it up in what the process has loaded.
    for (const file of [ggmlBase, ggml]) koffi.load(file, { global: true });
    return koffi.load(llama, { global: true });
  } catch (error) {
    throw new QuantizeError('noLibrary', error instanceof Error ? error.message : String(error));
  }
}

function checkDefaults(found: Parameters): void {
  const names = Object.keys(defaults) as (keyof Parameters)[];
  const differing = names.filter((name) => found[name] !== defaults[name]);
  if (differing.length === 0) return;
  const values = differing.map((name) => `${name} is ${String(found[name])}, not ${String(defaults[name])}`);
  throw new QuantizeError(
    'otherLibrary',
    `llama.cpp takes other parameters than those of v0.5.0: ${values.join(', ')}`,
  );
}
