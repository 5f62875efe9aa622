import { describeModel, type GgufHeader } from './model';
import { parseGgufTable, type ParseResult } from './table';

/**
 * Parses the header of a GGUF file and checks that llama.cpp can take it: what hangs or aborts the process that
 * loads it is refused here. Pure; runs over the file's first bytes and says how many more it needs.
 * @param fileSize the whole file's size, which every claim of the header is held to
 * @throws GgufError and nothing else
 */
export function parseGgufHeader(bytes: Uint8Array, fileSize: number): ParseResult<GgufHeader> {
  const table = parseGgufTable(bytes, fileSize);
  return table.kind === 'parsed' ? { kind: 'parsed', value: describeModel(table.value) } : table;
}
