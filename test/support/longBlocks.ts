/** Single Markdown blocks, longer than a view holds many times over. */

/** A list of `items` items, some of them in two levels or with marks. About 40 characters an item. */
export function longList(items: number): string {
  return Array.from({ length: items }, (_, index) =>
    index % 10 === 4
      ? `${index + 1}. Ask task ${index}:\n   - in \`src/task${index}.ts\`,\n   - or in its test.`
      : `${index + 1}. **Task ${index}** waits for the one before it.`,
  ).join('\n');
}

/** A table of `rows` rows of three columns. About 40 characters a row. */
export function longTable(rows: number): string {
  const body = Array.from(
    { length: rows },
    (_, index) => `| ${index} | \`run${index}\` | as many as cores |`,
  );
  return ['| limit | task | note |', '|------:|------|------|', ...body].join('\n');
}

/** A block of TypeScript of `characters` characters, or a few more. */
export function longCode(characters: number): string {
  let code = '';
  for (let index = 0; code.length < characters; index++) {
    code += `/**
 * Runs at most ${index} tasks at a time; "waits" for the rest, and isn't done before.
 */
export async function run${index}(tasks: Task[], limit = ${index}): Promise<string> {
  const running = new Set<Promise<void>>();
  for (const task of tasks) if (running.size >= limit) await Promise.race(running);
  return \`\${running.size} of
    \${tasks.length} are left\`;
}

`;
  }
  return `\`\`\`ts\n${code}\`\`\``;
}
