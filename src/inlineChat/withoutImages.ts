/**
 * Markdown in which no image is left: the editor would fetch it from wherever a model, or what it has read, says. Code
 * blocks stay as they are; a block that might not be one for the editor is not taken for one here. One that was not
 * ended is ended.
 */
export function withoutImages(markdown: string): string {
  let fence: string | undefined;
  const lines = markdown.split(/\r\n|\r|\n/).map((line) => {
    if (fence !== undefined) {
      if (closes(line, fence)) fence = undefined;
      return line;
    }
    fence = openingFence(line);
    // A line of HTML begins a block in which a fence would be none.
    return fence === undefined ? line.replace(/^( {0,3})</, '$1\\<').replaceAll('![', '!\\[') : line;
  });
  return (fence === undefined ? lines : [...lines, fence]).join('\n');
}

/** In the first column alone: further in, a fence may belong to a list, and end with it. */
function openingFence(line: string): string | undefined {
  const [, backticks, tildes] = /^(?:(`{3,})[^`]*|(~{3,}).*)$/.exec(line) ?? [];
  return backticks ?? tildes;
}

function closes(line: string, fence: string): boolean {
  return line.trimStart().startsWith(fence) && /^[`~]+\s*$/.test(line.trimStart());
}
