/** How a process ended. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Lines that say why, the surest first. */
const telling: readonly RegExp[] = [
  /GGML_ASSERT|GGML_ABORT/,
  /CUDA error|vk::|ErrorDeviceLost|ErrorOutOf\w+Memory/i,
  /out of memory|failed to allocate|unable to allocate|bad_alloc|allocation failed/i,
  /terminate called|what\(\):/,
  /^\w*Error\b.*:|Cannot find module|error while loading shared libraries/,
  /\berror\b|\bfailed\b|\bfatal\b/i,
];

/** Node's own trailer, stack frames, and what the engine tells of its ordinary work. */
const harmless = /^Node\.js v\d|^at |^\[info\]/;

const maxLineLength = 300;

/** The line of a process's last output that names a cause best; the last one where none does. */
export function tellingLine(lines: readonly string[]): string | undefined {
  const useful = lines.map((line) => line.trim()).filter((line) => line !== '' && !harmless.test(line));
  for (const pattern of telling) {
    const found = useful.findLast((line) => pattern.test(line));
    if (found !== undefined) return shorten(found);
  }
  const last = useful.at(-1);
  return last === undefined ? undefined : shorten(last);
}

/** Why a process ended, in one technical line, e.g. "SIGABRT: GGML_ASSERT(n > 0) failed". */
export function describeExit(exit: ProcessExit, lastLines: readonly string[]): string {
  const how = exit.signal ?? describeCode(exit.code);
  const line = tellingLine(lastLines);
  return line === undefined ? how : `${how}: ${line}`;
}

function describeCode(code: number | null): string {
  // Nobody who could know was left to say it.
  if (code === null) return 'the process is gone';
  // Windows reports a crash as an NTSTATUS, known by its hexadecimal form: 0xC0000005 is an access violation.
  const status = code >>> 0;
  return status > 0xffff ? `exit code 0x${status.toString(16).toUpperCase()}` : `exit code ${code}`;
}

function shorten(line: string): string {
  return line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line;
}
