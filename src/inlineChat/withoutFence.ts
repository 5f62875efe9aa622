/** An answer that is one block of code and nothing else, without its fence; any other as it is. */
export function withoutFence(answer: string): string {
  const [, fence = '', code = ''] = /^\s*(`{3,})[^`\n]*\n([^]*?)\n?\1\s*$/.exec(answer) ?? [];
  return fence === '' || code.includes(fence) ? answer : code;
}
