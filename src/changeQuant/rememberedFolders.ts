/** Of the editor: what survives a crash of the extension host. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = 'changeQuant.folders';

/** The folders in which quants were being made when this was last written. */
export function rememberedFolders(memory: Memory): string[] {
  const value = memory.get(key);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export async function rememberFolders(memory: Memory, folders: readonly string[]): Promise<void> {
  await memory.update(key, folders.length === 0 ? undefined : [...new Set(folders)]);
}
